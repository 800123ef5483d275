#include "packet_io.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <new>

static socklen_t SizeOf(const Address& address) {
  return address.any.sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

void* Memory::Get(napi_env env) const {
  napi_value buffer;
  void* data = nullptr;
  size_t length = 0;
  if (napi_get_reference_value(env, ref, &buffer) != napi_ok || buffer == nullptr) return nullptr;
  if (napi_get_arraybuffer_info(env, buffer, &data, &length) != napi_ok) return nullptr;
  return length == size ? data : nullptr;
}

PacketIo* PacketIo::Create(napi_env env, napi_value self, napi_value on_batch, int* error) {
  PacketIo* io = new (std::nothrow) PacketIo();
  if (io == nullptr) {
    *error = UV_ENOMEM;
    return nullptr;
  }
  io->env_ = env;
  uv_loop_t* loop = nullptr;
  io->epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  *error = io->epoll_fd_ < 0 ? -errno : 0;
  if (*error == 0 && napi_get_uv_event_loop(env, &loop) != napi_ok) *error = UV_EINVAL;
  if (*error == 0) *error = uv_poll_init(loop, &io->poll_, io->epoll_fd_);
  if (*error != 0) {
    if (io->epoll_fd_ >= 0) close(io->epoll_fd_);
    delete io;
    return nullptr;
  }
  io->poll_.data = io;
  uv_poll_start(&io->poll_, UV_READABLE, OnReadable);
  // Sockets keep the loop alive, an empty PacketIo does not.
  uv_unref(reinterpret_cast<uv_handle_t*>(&io->poll_));
  // Strong until it is closed, by close() or by the end of the environment.
  napi_create_reference(env, self, 1, &io->self_);
  napi_create_reference(env, on_batch, 1, &io->on_batch_);
  napi_add_async_cleanup_hook(env, OnEnvironmentEnd, io, &io->cleanup_);
  return io;
}

int PacketIo::Bind(const Address& address, uint32_t* id) {
  int fd = socket(address.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (bind(fd, &address.any, SizeOf(address)) < 0) {
    int error = -errno;
    close(fd);
    return error;
  }
  *id = free_.empty() ? static_cast<uint32_t>(sockets_.size()) : free_.back();
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u32 = *id;
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) < 0) {
    int error = -errno;
    close(fd);
    return error;
  }
  if (free_.empty()) {
    sockets_.emplace_back();
  } else {
    free_.pop_back();
  }
  sockets_[*id] = Socket();
  sockets_[*id].fd = fd;
  if (open_++ == 0) uv_ref(reinterpret_cast<uv_handle_t*>(&poll_));
  return 0;
}

void PacketIo::Disconnect(Socket* socket) {
  if (!socket->connected) return;
  socket->connected = false;
  sockaddr nobody = {};
  nobody.sa_family = AF_UNSPEC;
  connect(socket->fd, &nobody, sizeof nobody);
}

void PacketIo::Aim(Socket* socket, const Address& target, bool exclusive) {
  Disconnect(socket);
  socket->aimed = true;
  socket->target = target;
  // The system may refuse (no route, broadcast address): then the datagrams are tried one by one.
  if (exclusive) socket->connected = connect(socket->fd, &target.any, SizeOf(target)) == 0;
}

void PacketIo::Unaim(Socket* socket) {
  Disconnect(socket);
  socket->aimed = false;
}

void PacketIo::CloseSocket(uint32_t id) {
  close(sockets_[id].fd);  // which takes it out of the epoll set, too
  sockets_[id].fd = -1;
  (delivering_ ? freed_in_batch_ : free_).push_back(id);
  if (--open_ == 0 && !closing_) uv_unref(reinterpret_cast<uv_handle_t*>(&poll_));
}

// False when the records are not as they must be; nothing after the wrong one is sent.
bool PacketIo::Flush(napi_env env, uint32_t count) {
  const int32_t* records = static_cast<const int32_t*>(sends.Get(env));
  const uint8_t* bytes = static_cast<const uint8_t*>(send_bytes.Get(env));
  if (records == nullptr || bytes == nullptr || count > kSendSlots) return false;
  size_t at = 0;
  for (uint32_t i = 0; i < count; i++, records += kSendFields) {
    const uint32_t id = static_cast<uint32_t>(records[0]);
    const uint32_t length = static_cast<uint32_t>(records[1]);
    if (length > kSendBytes - at) return false;
    const Socket* socket = Find(id);
    if (socket == nullptr) return false;
    // An error means that this datagram is lost, as UDP allows: no room now, no route, or (told with the next one) nobody
    // there. The time-out of the call is what acts on a far side that is gone.
    if (socket->connected) {
      send(socket->fd, bytes + at, length, MSG_NOSIGNAL);
    } else if (socket->aimed) {
      sendto(socket->fd, bytes + at, length, MSG_NOSIGNAL, &socket->target.any, SizeOf(socket->target));
    }
    at += length;
  }
  return true;
}

// One datagram of each socket that has some: the rest waits for the next batch, so that nobody who floods one socket keeps
// the others waiting.
uint32_t PacketIo::Receive(int32_t* records, uint8_t* bytes) {
  epoll_event events[kSlots];
  int ready = epoll_wait(epoll_fd_, events, kSlots, 0);
  uint32_t count = 0;
  for (int i = 0; i < ready; i++) {
    const uint32_t id = events[i].data.u32;
    const Socket* socket = Find(id);
    if (socket == nullptr) continue;
    Address& source = sources_[count];
    socklen_t source_size = sizeof source;
    // Also fetches, and so clears, what ICMP said about a datagram sent before.
    ssize_t length =
        recvfrom(socket->fd, bytes + count * kSlotStride, kSlotBytes, MSG_TRUNC, &source.any, &source_size);
    if (length < 0 || length > static_cast<ssize_t>(kSlotBytes)) continue;
    int32_t* record = records + count * kReceivedFields;
    record[0] = static_cast<int32_t>(id);
    record[1] = static_cast<int32_t>(length);
    if (source.any.sa_family == AF_INET6) {
      record[2] = ntohs(source.v6.sin6_port);
      record[3] = static_cast<int32_t>(source.v6.sin6_scope_id);
      memcpy(record + 4, &source.v6.sin6_addr, 16);
    } else {
      record[2] = ntohs(source.v4.sin_port);
      record[3] = 0;
      memcpy(record + 4, &source.v4.sin_addr, 4);
      memset(record + 5, 0, 12);
    }
    count++;
  }
  return count;
}

void PacketIo::OnReadable(uv_poll_t* handle, int, int) {
  PacketIo* io = static_cast<PacketIo*>(handle->data);
  for (uint32_t batch = 0; batch < kBatches && !io->closing_; batch++) {
    if (!io->ReadBatch()) return;
  }
}

// False when nothing waits any more.
bool PacketIo::ReadBatch() {
  napi_handle_scope scope;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return false;
  uint32_t count = 0;
  int32_t* records = static_cast<int32_t*>(received.Get(env_));
  uint8_t* bytes = static_cast<uint8_t*>(packets.Get(env_));
  if (records == nullptr || bytes == nullptr) {
    Close();
  } else {
    count = Receive(records, bytes);
    if (count > 0) Deliver(count);
  }
  napi_close_handle_scope(env_, scope);
  return count > 0;
}

void PacketIo::Deliver(uint32_t count) {
  napi_value callback, global, argument;
  if (napi_get_reference_value(env_, on_batch_, &callback) != napi_ok || callback == nullptr ||
      napi_get_global(env_, &global) != napi_ok || napi_create_uint32(env_, count, &argument) != napi_ok) {
    return;
  }
  delivering_ = true;
  // Runs the microtasks, too. No async context: nothing in a media worker uses async hooks.
  const napi_status status = napi_make_callback(env_, nullptr, global, callback, 1, &argument, nullptr);
  delivering_ = false;
  free_.insert(free_.end(), freed_in_batch_.begin(), freed_in_batch_.end());
  freed_in_batch_.clear();
  napi_value error;
  if (status == napi_pending_exception && napi_get_and_clear_last_exception(env_, &error) == napi_ok) {
    napi_fatal_exception(env_, error);
  }
}

void PacketIo::Close() {
  if (closing_) return;
  closing_ = true;
  for (uint32_t id = 0; id < sockets_.size(); id++) {
    if (sockets_[id].fd >= 0) CloseSocket(id);
  }
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_), OnPollClosed);
}

void PacketIo::OnEnvironmentEnd(napi_async_cleanup_hook_handle, void* data) { static_cast<PacketIo*>(data)->Close(); }

void PacketIo::Forget(Memory* memory) {
  if (memory->ref != nullptr) napi_delete_reference(env_, memory->ref);
  memory->ref = nullptr;
}

// From here on the garbage collector, or the end of the environment, deletes the object.
void PacketIo::OnPollClosed(uv_handle_t* handle) {
  PacketIo* io = static_cast<PacketIo*>(handle->data);
  close(io->epoll_fd_);
  io->Forget(&io->received);
  io->Forget(&io->packets);
  io->Forget(&io->sends);
  io->Forget(&io->send_bytes);
  napi_delete_reference(io->env_, io->on_batch_);
  napi_delete_reference(io->env_, io->self_);
  napi_remove_async_cleanup_hook(io->cleanup_);
}
