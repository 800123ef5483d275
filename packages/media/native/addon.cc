// What JavaScript sees of packet_io.h. Nothing it passes is trusted: wrong arguments throw.

#include <string.h>

#include "packet_io.h"

namespace {

constexpr napi_type_tag kTypeTag = {0x8d1f4b6c2a7e4f03, 0xb5c0e96a1d374482};

bool Parse(const char* text, int port, Address* address) {
  *address = {};
  return uv_ip4_addr(text, port, &address->v4) == 0 || uv_ip6_addr(text, port, &address->v6) == 0;
}

napi_value Throw(napi_env env, const char* message) {
  napi_throw_type_error(env, nullptr, message);
  return nullptr;
}

// The arguments of one call, all of them checked. Each getter throws in JavaScript and returns false when it does not
// find what it wants.
class Call {
 public:
  Call(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = kMaxArguments;
    if (napi_get_cb_info(env, info, &count, arguments_, &self_, nullptr) != napi_ok) self_ = nullptr;
  }

  PacketIo* Io() {
    bool ours = false;
    void* io = nullptr;
    if (self_ == nullptr || napi_check_object_type_tag(env_, self_, &kTypeTag, &ours) != napi_ok || !ours ||
        napi_unwrap(env_, self_, &io) != napi_ok) {
      Throw(env_, "This is not a PacketIo");
      return nullptr;
    }
    return static_cast<PacketIo*>(io);
  }

  PacketIo* OpenIo() {
    PacketIo* io = Io();
    if (io == nullptr || !io->closed()) return io;
    Throw(env_, "The PacketIo is closed");
    return nullptr;
  }

  bool Uint(size_t index, uint32_t limit, uint32_t* value, const char* message) {
    double number = -1;
    if (napi_get_value_double(env_, arguments_[index], &number) == napi_ok && number >= 0 && number < limit &&
        number == static_cast<uint32_t>(number)) {
      *value = static_cast<uint32_t>(number);
      return true;
    }
    Throw(env_, message);
    return false;
  }

  bool Socket(PacketIo* io, size_t index, uint32_t* id) {
    if (!Uint(index, UINT32_MAX, id, "The socket must be a number that bind() gave")) return false;
    if (io->Find(*id) != nullptr) return true;
    Throw(env_, "There is no such socket, or it is closed");
    return false;
  }

  bool AddressAt(size_t index, Address* address) {
    char text[INET6_ADDRSTRLEN + 32];
    size_t length = 0;
    uint32_t port = 0;
    if (napi_get_value_string_utf8(env_, arguments_[index], text, sizeof text, &length) != napi_ok) {
      Throw(env_, "The address must be a string");
      return false;
    }
    if (!Uint(index + 1, 65536, &port, "The port must be a number from 0 to 65535")) return false;
    if (strlen(text) == length && Parse(text, static_cast<int>(port), address)) return true;
    Throw(env_, "The address must be an IP address");
    return false;
  }

  bool Bool(size_t index, bool* value) {
    if (napi_get_value_bool(env_, arguments_[index], value) == napi_ok) return true;
    Throw(env_, "Must be true or false");
    return false;
  }

  napi_value self() const { return self_; }
  napi_value argument(size_t index) const { return arguments_[index]; }

 private:
  static constexpr size_t kMaxArguments = 4;
  napi_env env_;
  napi_value self_ = nullptr;
  napi_value arguments_[kMaxArguments] = {};  // those not given are undefined
};

napi_value Number(napi_env env, double number) {
  napi_value value = nullptr;
  napi_create_double(env, number, &value);
  return value;
}

// bind(address, port): the socket's number, or the name of the system's error.
napi_value Bind(napi_env env, napi_callback_info info) {
  Call call(env, info);
  Address address;
  uint32_t id = 0;
  PacketIo* io = call.OpenIo();
  if (io == nullptr || !call.AddressAt(0, &address)) return nullptr;
  const int error = io->Bind(address, &id);
  if (error == 0) return Number(env, id);
  napi_value name = nullptr;
  napi_create_string_utf8(env, uv_err_name(error), NAPI_AUTO_LENGTH, &name);
  return name;
}

// aim(socket, address, port, exclusive)
napi_value Aim(napi_env env, napi_callback_info info) {
  Call call(env, info);
  Address address;
  uint32_t id = 0;
  bool exclusive = false;
  PacketIo* io = call.OpenIo();
  if (io != nullptr && call.Socket(io, 0, &id) && call.AddressAt(1, &address) && call.Bool(3, &exclusive)) {
    io->Aim(io->Find(id), address, exclusive);
  }
  return nullptr;
}

// unaim(socket)
napi_value Unaim(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t id = 0;
  PacketIo* io = call.OpenIo();
  if (io != nullptr && call.Socket(io, 0, &id)) io->Unaim(io->Find(id));
  return nullptr;
}

// closeSocket(socket)
napi_value CloseSocket(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t id = 0;
  PacketIo* io = call.OpenIo();
  if (io != nullptr && call.Socket(io, 0, &id)) io->CloseSocket(id);
  return nullptr;
}

// flush(count): sends the first `count` datagrams of `sends`.
napi_value Flush(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t count = 0;
  PacketIo* io = call.OpenIo();
  if (io == nullptr || !call.Uint(0, kSendSlots + 1, &count, "The count must be from 0 to sendSlots")) return nullptr;
  if (!io->Flush(env, count)) return Throw(env, "A record names no open socket or too long a datagram");
  return nullptr;
}

// sourceAddress(slot): the address that the datagram in that slot came from.
napi_value SourceAddress(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t slot = 0;
  PacketIo* io = call.Io();
  if (io == nullptr || !call.Uint(0, kSlots, &slot, "The slot must be a number below receiveSlots")) return nullptr;
  const Address& source = io->SourceOf(slot);
  char text[INET6_ADDRSTRLEN + UV_IF_NAMESIZE + 2] = "";
  if (source.any.sa_family == AF_INET6) {
    uv_ip6_name(&source.v6, text, INET6_ADDRSTRLEN);
    const size_t end = strlen(text);
    size_t room = sizeof text - end - 1;
    // As Node writes it: a link-local address means nothing without its link.
    if (IN6_IS_ADDR_LINKLOCAL(&source.v6.sin6_addr) && source.v6.sin6_scope_id > 0 &&
        uv_if_indextoiid(source.v6.sin6_scope_id, text + end + 1, &room) == 0) {
      text[end] = '%';
    }
  } else if (source.any.sa_family == AF_INET) {
    uv_ip4_name(&source.v4, text, sizeof text);
  }
  napi_value value = nullptr;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  return value;
}

// close(): closes all sockets; a second time it does nothing.
napi_value Close(napi_env env, napi_callback_info info) {
  Call call(env, info);
  PacketIo* io = call.Io();
  if (io != nullptr) io->Close();
  return nullptr;
}

bool Share(napi_env env, napi_value self, const char* name, size_t size, bool words, Memory* memory) {
  napi_value buffer, view;
  void* data = nullptr;
  memory->size = size;
  return napi_create_arraybuffer(env, size, &data, &buffer) == napi_ok &&
         napi_create_reference(env, buffer, 1, &memory->ref) == napi_ok &&
         napi_create_typedarray(env, words ? napi_int32_array : napi_uint8_array, words ? size / 4 : size, buffer, 0,
                                &view) == napi_ok &&
         napi_set_named_property(env, self, name, view) == napi_ok;
}

// new PacketIo(onBatch): `onBatch(count)` is called when the first `count` slots hold datagrams.
napi_value Construct(napi_env env, napi_callback_info info) {
  Call call(env, info);
  napi_value target = nullptr;
  napi_valuetype type = napi_undefined;
  if (napi_get_new_target(env, info, &target) != napi_ok || target == nullptr) return Throw(env, "PacketIo needs new");
  if (napi_typeof(env, call.argument(0), &type) != napi_ok || type != napi_function) {
    return Throw(env, "PacketIo needs a function that takes the datagrams");
  }
  int error = 0;
  PacketIo* io = PacketIo::Create(env, call.self(), call.argument(0), &error);
  if (io == nullptr) {
    napi_throw_error(env, uv_err_name(error), uv_strerror(error));
    return nullptr;
  }
  const auto finalize = [](napi_env, void* data, void*) { delete static_cast<PacketIo*>(data); };
  const bool wrapped = napi_wrap(env, call.self(), io, finalize, nullptr, nullptr) == napi_ok &&
                       napi_type_tag_object(env, call.self(), &kTypeTag) == napi_ok;
  if (!wrapped ||
      !Share(env, call.self(), "received", kSlots * kReceivedFields * 4, true, &io->received) ||
      !Share(env, call.self(), "packets", kSlots * kSlotStride, false, &io->packets) ||
      !Share(env, call.self(), "sends", kSendSlots * kSendFields * 4, true, &io->sends) ||
      !Share(env, call.self(), "sendBytes", kSendBytes, false, &io->send_bytes)) {
    io->Close();
    bool pending = false;
    napi_is_exception_pending(env, &pending);
    if (!pending) Throw(env, "The memory of the PacketIo could not be had");
    return nullptr;
  }
  return call.self();
}

napi_value Init(napi_env env, napi_value exports) {
  const auto method = [](const char* name, napi_callback function) -> napi_property_descriptor {
    return {name, nullptr, function, nullptr, nullptr, nullptr, napi_default_method, nullptr};
  };
  const napi_property_descriptor methods[] = {
      method("bind", Bind),   method("aim", Aim),     method("unaim", Unaim),
      method("flush", Flush), method("close", Close), method("closeSocket", CloseSocket),
      method("sourceAddress", SourceAddress),
  };
  napi_value packet_io;
  if (napi_define_class(env, "PacketIo", NAPI_AUTO_LENGTH, Construct, nullptr, sizeof methods / sizeof *methods,
                        methods, &packet_io) != napi_ok ||
      napi_set_named_property(env, exports, "PacketIo", packet_io) != napi_ok) {
    return nullptr;
  }
  const struct {
    const char* name;
    uint32_t value;
  } sizes[] = {{"receiveSlots", kSlots},
               {"slotBytes", kSlotBytes},
               {"slotStride", kSlotStride},
               {"sendSlots", kSendSlots}};
  for (const auto& size : sizes) napi_set_named_property(env, exports, size.name, Number(env, size.value));
  return exports;
}

}  // namespace

NAPI_MODULE_INIT() { return Init(env, exports); }
