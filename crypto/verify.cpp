#include "crypto/verify.hpp"

#include "crypto/curve.hpp"

#include <sodium.h>

namespace sotto::crypto {

namespace {

constexpr int safety_number_rounds = 5200;
constexpr std::string_view verification_prefix = "PM1V:";
constexpr std::string_view invite_prefix = "PM1I:";
constexpr std::string_view linking_prefix = "PM1L:";
constexpr std::uint8_t version = 1;
constexpr std::uint8_t flag_token = 1;

/// 30 digits of one account: SHA-512 iterated as in Signal's numeric fingerprint.
std::string fingerprint(const AccountId& account) {
    ByteArray<crypto_hash_sha512_BYTES> digest;
    crypto_hash_sha512_state state;
    crypto_hash_sha512_init(&state);
    const ByteArray<5> start{0, 0, 'P', 'M', '1'};
    crypto_hash_sha512_update(&state, start.data(), start.size());
    crypto_hash_sha512_update(&state, account.view().data(), AccountId::size);
    crypto_hash_sha512_final(&state, digest.data());
    for (int round = 1; round < safety_number_rounds; ++round) {
        crypto_hash_sha512_init(&state);
        crypto_hash_sha512_update(&state, digest.data(), digest.size());
        crypto_hash_sha512_update(&state, account.view().data(), AccountId::size);
        crypto_hash_sha512_final(&state, digest.data());
    }
    std::string digits;
    for (std::size_t group = 0; group < 6; ++group) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 5; ++i)
            value = value << 8 | digest[group * 5 + i];
        const std::string text = std::to_string(value % 100000);
        digits.append(5 - text.size(), '0').append(text);
    }
    return digits;
}

/// The bytes behind `prefix`.
Result<Bytes, CodeError> payload_of(std::string_view text, std::string_view prefix) {
    if (!text.starts_with(prefix)) {
        const bool ours = text.starts_with(verification_prefix) ||
                          text.starts_with(invite_prefix) || text.starts_with(linking_prefix);
        return Unexpected(ours ? CodeError::other_purpose : CodeError::not_a_code);
    }
    auto bytes = from_base64url(text.substr(prefix.size()));
    if (!bytes) return Unexpected(CodeError::malformed);
    return *std::move(bytes);
}

bool address_is_valid(std::string_view address) noexcept {
    return !address.empty() && address.size() <= 255 &&
           std::all_of(address.begin(), address.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

std::string safety_number(const AccountId& a, const AccountId& b) {
    const std::string first = fingerprint(a);
    const std::string second = fingerprint(b);
    return first < second ? first + second : second + first;
}

std::string grouped(std::string_view safety_number) {
    std::string out;
    for (std::size_t i = 0; i < safety_number.size(); i += 5) {
        if (i != 0) out.push_back(' ');
        out.append(safety_number.substr(i, 5));
    }
    return out;
}

ByteArray<8> server_key_hash8(const CurvePublic& server) {
    const auto full = hash(label::server_key, {server.view()});
    ByteArray<8> out;
    std::copy_n(full.begin(), out.size(), out.begin());
    return out;
}

std::string to_text(const VerificationCode& code) {
    Writer out;
    out.u8(version)
        .raw(code.own.view())
        .raw(code.peer.view())
        .u64(code.dev_list.seq)
        .raw(code.dev_list.hash8)
        .raw(code.server);
    return std::string(verification_prefix) + to_base64url(out.view());
}

Result<VerificationCode, CodeError> parse_verification_code(std::string_view text) {
    const auto bytes = payload_of(text, verification_prefix);
    if (!bytes) return Unexpected(bytes.error());
    Reader in(*bytes);
    if (in.u8() != version) return Unexpected(CodeError::malformed);
    const AccountId own(in.array<32>());
    const AccountId peer(in.array<32>());
    const std::uint64_t seq = in.u64();
    const auto hash8 = in.array<8>();
    const auto server = in.array<8>();
    if (!in.finished()) return Unexpected(CodeError::malformed);
    return VerificationCode{
        .own = own, .peer = peer, .dev_list = {.seq = seq, .hash8 = hash8}, .server = server};
}

std::string to_text(const Invite& invite) {
    ensure(address_is_valid(invite.server_address),
           "server address is 1..255 printable characters");
    SecretWriter out;
    out.u8(version)
        .u8(invite.token ? flag_token : 0)
        .u8(static_cast<std::uint8_t>(invite.server_address.size()))
        .raw(as_bytes(invite.server_address))
        .raw(invite.server.view())
        .raw(invite.account.view());
    if (invite.token) out.raw(invite.token->view());
    return std::string(invite_prefix) + to_base64url(out.view());
}

Result<Invite, CodeError> parse_invite(std::string_view text) {
    const auto bytes = payload_of(text, invite_prefix);
    if (!bytes) return Unexpected(bytes.error());
    Reader in(*bytes);
    if (in.u8() != version) return Unexpected(CodeError::malformed);
    const std::uint8_t flags = in.u8();
    const ByteView address_bytes = in.raw(in.u8());
    const std::string address(address_bytes.begin(), address_bytes.end());
    const auto server = curve_public(in.raw(32));
    const AccountId account(in.array<32>());
    std::optional<InviteToken> token;
    if (flags == flag_token) token = InviteToken(in.array<16>());
    if (!in.finished() || flags > flag_token || !address_is_valid(address) || !server)
        return Unexpected(CodeError::malformed);
    return Invite{.server_address = address, .server = *server, .account = account, .token = token};
}

CodeVerdict compare_code(const VerificationCode& scanned, const AccountId& own,
                         const AccountId& contact) noexcept {
    const bool same_person = constant_time_equal(scanned.own.view(), contact.view());
    const bool same_self = constant_time_equal(scanned.peer.view(), own.view());
    if (!same_person) return CodeVerdict::other_person;
    return same_self ? CodeVerdict::match : CodeVerdict::other_self;
}

}  // namespace sotto::crypto
