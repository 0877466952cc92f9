#!/bin/sh
# A C project, from its sources to its program, with what make rebuilds after a change.
set -e
mkdir project
cd project
cat >main.c <<'END'
#include "greet.h"

int main(void) {
  greet("harbour");
  return 0;
}
END
cat >greet.h <<'END'
void greet(const char* whom);
END
cat >greet.c <<'END'
#include "greet.h"
#include <stdio.h>

void greet(const char* whom) {
  printf("hello, %s\n", whom);
}
END
cat >Makefile <<'END'
program: main.o libgreet.a
	gcc -o $@ main.o libgreet.a
libgreet.a: greet.o
	ar rcsD $@ greet.o
%.o: %.c greet.h
	gcc -O1 -g -Wall -c -o $@ $<
END
make -j2 --output-sync=line | sort
make
touch greet.c
make
nm libgreet.a
strip program
size program | tail -n 1
gcc -E main.c | tail -n 4
gcc -c broken.c || echo "status $?"
