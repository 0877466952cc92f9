// What the operations of `property` share: the words of a line, the slots, and the line that tells what was
// done.
#pragma once
#include "guest.h"
#include <limits.h>

enum { slot_count = 8, first_local_slot = 6 };
enum { word_count = 10, line_size = 1024, output_size = 4 << 20, flush_at = 1 << 20 };
enum { first_private = 500 }; // descriptors of the guest's own, out of the way of the lowest free numbers

struct Output {
  size_t used;
  char text[output_size];
};

static struct Output* output; // shared by all processes: they take turns
static int own_slots[slot_count], *slots = own_slots, *shared_slots;
static char home[64]; // of this sequence
static char* words[word_count];
static int word, words_given;
static char bytes[1 << 20];

static void say(const char* format, ...) {
  va_list rest;
  va_start(rest, format);
  output->used += (size_t)vsnprintf(output->text + output->used, output_size - output->used, format, rest);
  va_end(rest);
}

static void flush(void) {
  for (size_t done = 0; done < output->used;)
    done += (size_t)must(write(1, output->text + done, output->used - done));
  output->used = 0;
}

// The arguments of an operation, one after the other.
static char* name(void) {
  static char made_names[3][PATH_MAX + 64];
  static unsigned turn;
  char* text = word < words_given ? words[word++] : "";
  char* made = made_names[turn++ % 3];
  if (strcmp(text, "-") == 0) return "";
  if (text[0] == '~') {
    snprintf(made, PATH_MAX, "%s%s", home, text + 1);
    return made;
  }
  if (strncmp(text, "long", 4) == 0) { // a name of so many bytes
    int size = atoi(text + 4);
    memset(made, 'n', (size_t)size);
    made[size] = 0;
    return made;
  }
  return text;
}

static long number(void) {
  return word < words_given ? strtol(words[word++], NULL, 0) : 0;
}

static int* place(void) {
  return &slots[number() % slot_count];
}

static int descriptor(void) {
  return *place();
}

// A directory: the slot's, or where it is negative the working directory.
static int directory(void) {
  long slot = number();
  return slot < 0 ? AT_FDCWD : slots[slot % slot_count];
}

static long result(long value) {
  if (value == -1)
    say(" = %s", strerrorname_np(errno));
  else
    say(" = %ld", value);
  return value;
}

// Slots of the two kinds never hold one number: what takes files of this machine and of the server together
// is not the same under rsc.
static void keep(int* slot, long fd) {
  if (result(fd) < 0) return;
  for (int i = 0; i < slot_count; i++)
    if (slots[i] == fd && (i >= first_local_slot) != (slot - slots >= first_local_slot)) slots[i] = -1;
  *slot = (int)fd;
}

static void offset_of(int fd) {
  say(" at %ld", (long)lseek(fd, 0, SEEK_CUR));
}

static void sum(const char* from, long size) {
  unsigned hash = 2166136261u;
  for (long i = 0; i < size; i++)
    hash = (hash ^ (unsigned char)from[i]) * 16777619u;
  if (size > 0) say(" sum %08x", hash);
}

// Bytes that tell where they are from.
static void fill(long size, long seed) {
  for (long i = 0; i < size; i++)
    bytes[i] = (char)(seed * 31 + i * 7 + (i >> 8));
}

static long length(void) {
  long size = number();
  return size < (long)sizeof bytes ? size : (long)sizeof bytes;
}
