// UDP for one media worker: many sockets behind one epoll descriptor that the worker's event loop watches. One wake-up
// of the loop reads what has come for all of them and calls JavaScript once; one call from JavaScript sends what it has
// gathered for all of them. README.md beside this file has the memory that both sides share.

#pragma once

#ifndef __linux__
#error "packet_io needs epoll: Linux only"
#endif

#define NAPI_VERSION 8
#include <netinet/in.h>
#include <node_api.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

#include <vector>

// Datagrams of one batch: enough to share its cost among them.
constexpr uint32_t kSlots = 128;
// Batches of one wake-up. After a pause of the thread all that waits is read before the clock goes on, so that nothing is
// missed that is there; but no flood keeps the clock waiting for more than some milliseconds.
constexpr uint32_t kBatches = 8;
// Longer datagrams are dropped: media keeps below an Ethernet frame.
constexpr uint32_t kSlotBytes = 2048;
// A line of the cache more than a power of two, so that neighbouring slots do not evict each other.
constexpr uint32_t kSlotStride = kSlotBytes + 64;
// Of a received datagram: socket, length, port, scope (IPv6), address in network order (IPv4: the first word).
constexpr uint32_t kReceivedFields = 8;
constexpr uint32_t kSendSlots = 128;
// Of a datagram to be sent: socket, length.
constexpr uint32_t kSendFields = 2;
constexpr uint32_t kSendBytes = 65536;

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

struct Socket {
  int fd = -1;
  bool aimed = false;
  bool connected = false;
  Address target = {};
};

// The memory shared with JavaScript. It belongs to ArrayBuffers, which script could detach: so it is looked up anew for
// each batch and is null when it is gone.
struct Memory {
  napi_ref ref = nullptr;
  size_t size = 0;
  void* Get(napi_env env) const;
};

class PacketIo {
 public:
  static PacketIo* Create(napi_env env, napi_value self, napi_value on_batch, int* error);

  int Bind(const Address& address, uint32_t* id);
  void Aim(Socket* socket, const Address& target, bool exclusive);
  void Unaim(Socket* socket);
  void CloseSocket(uint32_t id);
  bool Flush(napi_env env, uint32_t count);
  void Close();

  Socket* Find(uint32_t id) { return id < sockets_.size() && sockets_[id].fd >= 0 ? &sockets_[id] : nullptr; }
  const Address& SourceOf(uint32_t slot) const { return sources_[slot]; }
  bool closed() const { return closing_; }

  Memory received, packets, sends, send_bytes;

 private:
  static void OnReadable(uv_poll_t* handle, int status, int events);
  static void OnEnvironmentEnd(napi_async_cleanup_hook_handle handle, void* data);
  static void OnPollClosed(uv_handle_t* handle);
  bool ReadBatch();
  uint32_t Receive(int32_t* records, uint8_t* bytes);
  void Deliver(uint32_t count);
  void Disconnect(Socket* socket);
  void Forget(Memory* memory);

  napi_env env_ = nullptr;
  napi_ref self_ = nullptr;
  napi_ref on_batch_ = nullptr;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  uv_poll_t poll_ = {};
  int epoll_fd_ = -1;
  bool closing_ = false;
  bool delivering_ = false;
  uint32_t open_ = 0;
  std::vector<Socket> sockets_;
  std::vector<uint32_t> free_;
  // A socket closed by a handler keeps its number until the batch is over: packets of it may still follow.
  std::vector<uint32_t> freed_in_batch_;
  Address sources_[kSlots] = {};
};
