// epoll with files, which cannot be waited for, beside a pipe, which can.
#include "guest.h"
#include <sys/epoll.h>

int main(void) {
  begin();
  put("file", "text");
  int set = (int)must(epoll_create1(0)), file = (int)must(open("file", O_RDWR));
  int folder = (int)must(open(".", O_RDONLY | O_DIRECTORY)), ends[2];
  must(pipe(ends));
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u32 = 7};
  show(epoll_ctl(set, EPOLL_CTL_ADD, file, &event));
  show(epoll_ctl(set, EPOLL_CTL_MOD, file, &event));
  show(epoll_ctl(set, EPOLL_CTL_DEL, file, NULL));
  show(epoll_ctl(set, EPOLL_CTL_ADD, folder, &event));
  show(epoll_ctl(set, EPOLL_CTL_ADD, 99, &event));
  show(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
  must(write(ends[1], "x", 1));
  event.data.u32 = 0;
  show(epoll_wait(set, &event, 1, -1));
  show(event.data.u32);
  return 0;
}
