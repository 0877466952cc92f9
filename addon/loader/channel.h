// The socket to the process that has started the loader: messages of text, some with a descriptor.
#pragma once
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace loader {

class Channel {
public:
  explicit Channel(int socket) : socket_(socket) {}

  int socket() const { return socket_; }

  // Whether the peer has sent something.
  bool HasWord() const {
    char word;
    return recv(socket_, &word, sizeof word, MSG_DONTWAIT) > 0;
  }

  // A peer that has ended needs nothing any more.
  void Send(const std::string& text, int descriptor = -1) const {
    iovec bytes{const_cast<char*>(text.data()), text.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptor)] = {};
    msghdr message = {};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    if (descriptor >= 0) {
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof descriptor);
      *reinterpret_cast<int*>(CMSG_DATA(header)) = descriptor;
    }
    if (sendmsg(socket_, &message, MSG_NOSIGNAL) < 0) _exit(1);
  }

private:
  int socket_;
};

} // namespace loader
