#include "rendezvous/wire_reader.hpp"

namespace sotto::rendezvous {

namespace {

// msgpack's type bytes (the format's specification, "Overview").
constexpr std::uint8_t fixarray_first = 0x90;
constexpr std::uint8_t fixarray_last = 0x9f;
constexpr std::uint8_t fixstr_first = 0xa0;
constexpr std::uint8_t fixstr_last = 0xbf;
constexpr std::uint8_t positive_fixint_last = 0x7f;
constexpr std::uint8_t false_tag = 0xc2;
constexpr std::uint8_t true_tag = 0xc3;
constexpr std::uint8_t bin8_tag = 0xc4;
constexpr std::uint8_t bin16_tag = 0xc5;
constexpr std::uint8_t bin32_tag = 0xc6;
constexpr std::uint8_t uint8_tag = 0xcc;
constexpr std::uint8_t uint64_tag = 0xcf;
constexpr std::uint8_t str8_tag = 0xd9;
constexpr std::uint8_t array16_tag = 0xdc;

// The smallest number that needs `size` bytes: below it the encoding is not the shortest.
constexpr std::uint64_t smallest_of(std::size_t size) {
    switch (size) {
        case 1:
            return positive_fixint_last + 1U;
        case 2:
            return 0x100;
        case 4:
            return 0x10000;
        default:
            return 0x100000000;
    }
}

}  // namespace

std::uint8_t WireReader::tag() {
    if (!failure_ && in_.empty()) fail(DecodeError::truncated);
    if (failure_) return 0;
    const std::uint8_t value = in_.front();
    in_ = in_.subspan(1);
    return value;
}

std::uint64_t WireReader::big_endian(std::size_t size) {
    if (!failure_ && in_.size() < size) fail(DecodeError::truncated);
    if (failure_) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value = (value << 8) | in_[i];
    in_ = in_.subspan(size);
    return value;
}

std::uint64_t WireReader::long_number(std::size_t size) {
    const std::uint64_t value = big_endian(size);
    if (value < smallest_of(size)) fail(DecodeError::not_canonical);
    return failure_ ? 0 : value;
}

std::uint64_t WireReader::number(std::uint64_t most) {
    const std::uint8_t first = tag();
    std::uint64_t value = first;
    if (first >= uint8_tag && first <= uint64_tag) {
        value = long_number(std::size_t{1} << (first - uint8_tag));
    } else if (first > positive_fixint_last) {
        fail(DecodeError::wrong_type);
    }
    if (value > most) fail(DecodeError::out_of_limits);
    return failure_ ? 0 : value;
}

std::size_t WireReader::array(std::size_t least, std::size_t most) {
    const std::uint8_t first = tag();
    std::uint64_t count = 0;
    if (first >= fixarray_first && first <= fixarray_last) {
        count = first - fixarray_first;
    } else if (first == array16_tag) {
        count = big_endian(2);
        if (count < 16) fail(DecodeError::not_canonical);
    } else {
        fail(DecodeError::wrong_type);  // array32 too: no count here needs it
    }
    if (count < least || count > most) fail(DecodeError::out_of_limits);
    return failure_ ? 0 : static_cast<std::size_t>(count);
}

bool WireReader::boolean() {
    const std::uint8_t first = tag();
    if (first != false_tag && first != true_tag) fail(DecodeError::wrong_type);
    return !failure_ && first == true_tag;
}

ByteView WireReader::take(std::uint64_t size, std::size_t least, std::size_t most) {
    if (!failure_ && (size < least || size > most)) fail(DecodeError::out_of_limits);
    if (!failure_ && size > in_.size()) fail(DecodeError::truncated);
    if (failure_) return {};
    const ByteView view = in_.first(static_cast<std::size_t>(size));
    in_ = in_.subspan(view.size());
    return view;
}

ByteView WireReader::binary(std::size_t least, std::size_t most) {
    const std::uint8_t first = tag();
    std::uint64_t size = 0;
    if (first == bin8_tag) {
        size = big_endian(1);
    } else if (first == bin16_tag) {
        size = big_endian(2);
        if (size < 0x100) fail(DecodeError::not_canonical);
    } else {
        // bin32 is well-formed, but only ever for more than a frame holds.
        fail(first == bin32_tag ? DecodeError::out_of_limits : DecodeError::wrong_type);
    }
    return take(size, least, most);
}

Bytes WireReader::bytes(std::size_t least, std::size_t most) {
    const ByteView view = binary(least, most);
    return {view.begin(), view.end()};
}

bool WireReader::next_is_text() const noexcept {
    if (failure_ || in_.empty()) return false;
    const std::uint8_t first = in_.front();
    return (first >= fixstr_first && first <= fixstr_last) || first == str8_tag;
}

std::string WireReader::text(std::size_t most) {
    const std::uint8_t first = tag();
    std::uint64_t size = 0;
    if (first >= fixstr_first && first <= fixstr_last) {
        size = first - fixstr_first;
    } else if (first == str8_tag) {
        size = big_endian(1);
        if (size < 32) fail(DecodeError::not_canonical);
    } else {
        fail(DecodeError::wrong_type);  // longer forms too: no text here needs them
    }
    const ByteView view = take(size, 0, most);
    return {view.begin(), view.end()};
}

std::string WireReader::username() {
    std::string name = text(username_max_bytes);
    if (!is_username(name)) fail(DecodeError::out_of_limits);
    return name;
}

}  // namespace sotto::rendezvous
