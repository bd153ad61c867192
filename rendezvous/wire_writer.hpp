// Writes one protocol frame with msgpack's packer, which always takes the shortest form.
//
// Each call appends one field. The counterpart of WireReader; checks nothing.
#pragma once

#include "crypto/keys.hpp"
#include "rendezvous/protocol.hpp"

#include <msgpack.hpp>

#include <optional>
#include <string_view>

namespace sotto::rendezvous {

class WireWriter {
public:
    // `fields` counts what follows version, type and id; `expected_bytes` only saves a copy.
    WireWriter(std::uint8_t type, RequestId id, std::uint32_t fields, std::size_t expected_bytes) {
        sink_.bytes.reserve(expected_bytes);
        array(3 + fields);
        number(protocol_version);
        number(type);
        number(id);
    }

    WireWriter(const WireWriter&) = delete;  // the packer points into this object
    WireWriter& operator=(const WireWriter&) = delete;

    void array(std::size_t count) { packer_.pack_array(static_cast<std::uint32_t>(count)); }
    void number(std::uint64_t value) { packer_.pack_uint64(value); }
    template <class E>
    requires std::is_enum_v<E>
    void choice(E value) { number(static_cast<std::uint64_t>(value)); }
    void boolean(bool value) { value ? packer_.pack_true() : packer_.pack_false(); }
    void text(std::string_view value) {
        packer_.pack_str(static_cast<std::uint32_t>(value.size()));
        packer_.pack_str_body(value.data(), static_cast<std::uint32_t>(value.size()));
    }
    void bytes(ByteView value) {
        packer_.pack_bin(static_cast<std::uint32_t>(value.size()));
        sink_.bytes.insert(sink_.bytes.end(), value.begin(), value.end());
    }
    template <class T>
    void id(const T& value) {
        bytes(value.view());
    }
    template <class T>
    void optional_id(const std::optional<T>& value) {
        bytes(value ? ByteView(value->view()) : ByteView());
    }

    [[nodiscard]] Bytes take() && { return std::move(sink_.bytes); }

private:
    struct Sink {
        Bytes bytes;
        void write(const char* data, std::size_t size) {
            bytes.insert(bytes.end(), data, data + size);
        }
    };
    Sink sink_;
    msgpack::packer<Sink> packer_{sink_};
};

}  // namespace sotto::rendezvous
