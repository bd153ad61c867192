// The codec's promise: one value has one encoding, and nothing else decodes.
#include "rendezvous/protocol.hpp"

#include "crypto/padding.hpp"
#include "crypto/prekeys.hpp"

#include <gtest/gtest.h>

#include <msgpack.hpp>
#include <random>

namespace sotto::rendezvous {
namespace {

template <class T>
T id(std::uint8_t fill) {
    crypto::ByteArray<T::size> bytes;
    bytes.fill(fill);
    return T(bytes);
}

Bytes filled(std::size_t size, std::uint8_t fill = 0xa5) {
    return Bytes(size, fill);
}

Bytes32 b32(std::uint8_t fill) {
    Bytes32 bytes;
    bytes.fill(fill);
    return bytes;
}

ChallengeProof proof() {
    return {.cnonce = b32(1), .ts_ms = 1'700'000'000'123, .snonce = b32(2), .mac = b32(3)};
}

std::vector<RequestFrame> requests() {
    const auto account = id<AccountId>(0x11);
    const auto device = id<DeviceId>(0x22);
    const auto signature = id<crypto::Signature>(0x33);
    const auto token = id<MailboxToken>(0x44);
    std::vector<Request> all{
        ChallengeRequest{crypto::LoginPurpose::login, crypto::DeviceLogin{account, device}, b32(9)},
        ChallengeRequest{crypto::LoginPurpose::register_account, "an", b32(0)},
        Register{"anna", filled(252), filled(160), id<crypto::LkPublic>(7), true,
                 Visibility::contacts, id<InviteToken>(8), proof(), signature, signature},
        Register{"b.c", filled(1), filled(1), id<crypto::LkPublic>(7), false, Visibility::nobody,
                 std::nullopt, proof(), signature, signature},
        LoginPassword{false, "anna", proof(), signature},
        LoginPassword{true, "", proof(), signature},
        LoginDevice{account, device, proof(), signature},
        ChallengeRequest{crypto::LoginPurpose::change_password, "anna", b32(9)},
        ChangePassword{"anna", 1, id<crypto::LkPublic>(7), proof(), signature, signature},
        ChangePassword{"", 0xffff, id<crypto::LkPublic>(7), proof(), signature, signature},
        Logout{},
        Ping{},
        PublishPrekeys{filled(300), {{1, filled(165)}, {0x10000, filled(166)}}},
        PublishPrekeys{filled(1), {}},
        PublishDeviceList{{filled(252), filled(252)}, filled(200)},
        FetchBundle{account, true, token},
        FetchBundle{account, false, std::nullopt},
        LookUp{"anna"},
        DirectoryPage{"an", "anna", 100},
        DirectoryPage{"", "", 1},
        Watch{true, {{account, std::nullopt}, {id<AccountId>(0x12), token}}},
        Watch{false, {}},
        SetListing{true, Visibility::members},
        SetMailboxToken{id<MailboxTokenHash>(5), true},
        PutMail{account, device, id<EnvelopeId>(6), PutAuthority::mailbox_token, token, true,
                filled(640)},
        PutMail{account, device, id<EnvelopeId>(6), PutAuthority::request, std::nullopt, false,
                filled(1)},
        Observe{},
        AckMail{{1, 2, 127, 128, 255, 256, 65535, 65536, 1ULL << 32, ~0ULL}},
    };
    std::vector<RequestFrame> frames;
    RequestId next = 1;
    for (Request& request : all) {
        frames.push_back({next, std::move(request)});
        next = next * 7 + 3;  // all widths of the id
    }
    frames.push_back({0, AckMail{{5}}});
    return frames;
}

std::vector<ReplyFrame> replies() {
    const MemberEntry anna{id<AccountId>(0x11), "anna", true};
    const MemberEntry bob{id<AccountId>(0x12), "bob", false};
    return {
        {1, Challenge{1'700'000'000'123, b32(1), b32(2), 1, 22}},
        {2, LoggedIn{SessionKind::device, id<AccountId>(1), "anna", 5, "[2001:db8::1]:7313", 50, 3,
                     true}},
        {2, LoggedIn{SessionKind::password_only, id<AccountId>(1), "anna", 5, "", 0, 0, false}},
        {200, Ok{}},
        {70000, Pong{1}},
        {3, Bundle{filled(200), {{filled(252), filled(300), filled(166)}, {filled(252), {}, {}}}}},
        {3, Bundle{filled(200), {}}},
        {4, Found{anna}},
        {5, Members{{anna, bob}, true}},
        {5, Members{{}, false}},
        {6, Accepted{}},
        {7, Error{ErrorCode::rate_limited, 1000}},
        {0, Error{ErrorCode::bad_request, 0}},
        {8, Observed{"[2001:db8::7]:21400"}},
        {8, Observed{""}},
        {0, Mail{77, filled(640)}},
        {0, Presence{{anna, bob}}},
        {0, PrekeysLow{19}},
        {0, SessionEnded{SessionEnd::revoked}},
    };
}

crypto::Result<RequestFrame, DecodeFailure> decode_as(const RequestFrame&, ByteView bytes) {
    return decode_request(bytes);
}
crypto::Result<ReplyFrame, DecodeFailure> decode_as(const ReplyFrame&, ByteView bytes) {
    return decode_reply(bytes);
}

// Whatever decodes must be the only encoding of what it decoded to.
template <class Frame>
void expect_refused_or_canonical(const Frame& kind, ByteView bytes) {
    const auto decoded = decode_as(kind, bytes);
    if (!decoded) return;
    const Bytes again = encode(*decoded);
    EXPECT_TRUE(crypto::equal(again, bytes)) << "two encodings of one value";
}

template <class Frame>
void check_codec(const std::vector<Frame>& frames) {
    for (const Frame& frame : frames) {
        const Bytes bytes = encode(frame);
        SCOPED_TRACE("type byte " + std::to_string(bytes.at(2)));
        ASSERT_LE(bytes.size(), max_frame_bytes);
        const auto decoded = decode_as(frame, bytes);
        ASSERT_TRUE(decoded.has_value()) << to_string(decoded.error().error);
        EXPECT_EQ(*decoded, frame);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_FALSE(decode_as(frame, ByteView(bytes).first(size)).has_value()) << size;
        }
        Bytes longer = bytes;
        longer.push_back(0);
        EXPECT_FALSE(decode_as(frame, longer).has_value());
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            Bytes flipped = bytes;
            flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
            expect_refused_or_canonical(frame, flipped);
        }
    }
}

TEST(protocol, requests_round_trip_and_nothing_near_them_decodes) {
    check_codec(requests());
}
TEST(protocol, replies_round_trip_and_nothing_near_them_decodes) {
    check_codec(replies());
}

TEST(protocol, every_message_has_a_sample) {
    std::set<std::size_t> request_kinds;
    std::set<std::size_t> reply_kinds;
    for (const RequestFrame& frame : requests())
        request_kinds.insert(frame.request.index());
    for (const ReplyFrame& frame : replies())
        reply_kinds.insert(frame.reply.index());
    EXPECT_EQ(request_kinds.size(), std::variant_size_v<Request>);
    EXPECT_EQ(reply_kinds.size(), std::variant_size_v<Reply>);
}

TEST(protocol, requests_are_no_replies_and_replies_no_requests) {
    for (const RequestFrame& frame : requests()) {
        EXPECT_FALSE(decode_reply(encode(frame)).has_value());
    }
    for (const ReplyFrame& frame : replies()) {
        EXPECT_FALSE(decode_request(encode(frame)).has_value());
    }
}

TEST(protocol, any_msgpack_library_reads_the_frames) {
    for (const RequestFrame& frame : requests()) {
        const Bytes bytes = encode(frame);
        const std::string raw(bytes.begin(), bytes.end());
        std::size_t offset = 0;
        const auto handle = msgpack::unpack(raw.data(), raw.size(), offset);
        EXPECT_EQ(offset, raw.size());
        ASSERT_EQ(handle.get().type, msgpack::type::ARRAY);
        EXPECT_EQ(handle.get().via.array.ptr[0].as<std::uint64_t>(), protocol_version);
        EXPECT_EQ(handle.get().via.array.ptr[2].as<RequestId>(), frame.id);
    }
}

// Random bytes, and random damage to real frames: several places at once.
TEST(protocol, random_damage_is_refused_or_canonical) {
    std::mt19937_64 random(20260701);  // the seed is the test's own: a failure replays
    const auto check = [&random](const auto& frames) {
        for (int round = 0; round < 40'000; ++round) {
            const auto& frame = frames[random() % frames.size()];
            Bytes bytes = encode(frame);
            const std::size_t edits = 1 + random() % 4;
            for (std::size_t i = 0; i < edits && !bytes.empty(); ++i) {
                const std::size_t at = random() % std::min<std::size_t>(bytes.size(), 200);
                const auto where = bytes.begin() + static_cast<std::ptrdiff_t>(at);
                switch (random() % 3) {
                    case 0:
                        *where = static_cast<std::uint8_t>(random());
                        break;
                    case 1:
                        bytes.erase(where);
                        break;
                    default:
                        bytes.insert(where, static_cast<std::uint8_t>(random()));
                        break;
                }
            }
            expect_refused_or_canonical(frame, bytes);
        }
    };
    check(requests());
    check(replies());
    for (int round = 0; round < 40'000; ++round) {
        Bytes bytes(random() % 40);
        for (std::uint8_t& byte : bytes)
            byte = static_cast<std::uint8_t>(random());
        EXPECT_FALSE(decode_request(bytes).has_value());
    }
}

// --- limits: the largest passes, one more does not
// -------------------------------------------------

template <class M>
bool passes(M message) {
    return decode_request(encode(RequestFrame{1, Request(std::move(message))})).has_value();
}

PutMail mail_of(std::size_t size) {
    return {id<AccountId>(1),    id<DeviceId>(2),
            id<EnvelopeId>(3),   PutAuthority::mailbox_token,
            id<MailboxToken>(4), true,
            filled(size)};
}

TEST(protocol_limits, the_largest_item_fits_a_frame_and_one_more_byte_does_not) {
    const Bytes put = encode(RequestFrame{~RequestId{0}, mail_of(max_item_bytes)});
    const Bytes push = encode(ReplyFrame{0, Mail{~0ULL, filled(max_item_bytes)}});
    EXPECT_LE(put.size(), max_frame_bytes);
    EXPECT_LE(push.size(), max_frame_bytes);
    EXPECT_EQ(put.size() - max_item_bytes, 117U);  // docs/decisions/0020
    EXPECT_EQ(push.size() - max_item_bytes, 16U);
    EXPECT_TRUE(passes(mail_of(max_item_bytes)));
    EXPECT_FALSE(passes(mail_of(max_item_bytes + 1)));
    EXPECT_FALSE(passes(mail_of(0)));
    constexpr std::size_t init = 2048;
    constexpr std::size_t seal = 126;
    static_assert(max_message_bucket_bytes + init + seal <= max_item_bytes);
}

TEST(protocol_limits, a_frame_over_the_limit_is_not_looked_at) {
    const auto refused = decode_request(Bytes(max_frame_bytes + 1, 0x90));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().error, DecodeError::too_large);
}

TEST(protocol_limits, lists) {
    Watch watch;
    for (std::size_t i = 0; i < max_watched_accounts; ++i) {
        crypto::ByteArray<32> name{};
        name[0] = static_cast<std::uint8_t>(i >> 8);
        name[1] = static_cast<std::uint8_t>(i);
        watch.accounts.push_back({AccountId(name), id<MailboxToken>(1)});
    }
    EXPECT_LE(encode(RequestFrame{1, watch}).size(), max_frame_bytes);
    EXPECT_TRUE(passes(watch));
    watch.accounts.push_back({id<AccountId>(0xff), std::nullopt});
    EXPECT_FALSE(passes(watch));

    AckMail ack;
    for (std::uint64_t row = 1; row <= max_ack_rows; ++row)
        ack.rows.push_back(row);
    EXPECT_TRUE(passes(ack));
    ack.rows.push_back(max_ack_rows + 1);
    EXPECT_FALSE(passes(ack));
    EXPECT_FALSE(passes(AckMail{{}}));
    EXPECT_FALSE(passes(AckMail{{0}}));
    EXPECT_FALSE(passes(AckMail{{2, 2}}));
    EXPECT_FALSE(passes(AckMail{{3, 2}}));

    PublishPrekeys prekeys{filled(max_prekey_record_bytes), {}};
    for (std::uint32_t i = 1; i <= max_one_time_per_publish; ++i) {
        prekeys.one_time.push_back({i, filled(200)});
    }
    EXPECT_TRUE(passes(prekeys));
    prekeys.one_time.push_back({1000, filled(10)});
    EXPECT_FALSE(passes(prekeys));
    EXPECT_FALSE(passes(PublishPrekeys{filled(max_prekey_record_bytes + 1), {}}));
    EXPECT_TRUE(passes(PublishPrekeys{filled(1), {{1, filled(max_one_time_record_bytes)}}}));
    EXPECT_FALSE(passes(PublishPrekeys{filled(1), {{1, filled(max_one_time_record_bytes + 1)}}}));
    EXPECT_FALSE(passes(PublishPrekeys{filled(1), {{0, filled(1)}}}));
    EXPECT_FALSE(passes(PublishPrekeys{filled(1), {{2, filled(1)}, {2, filled(1)}}}));
    EXPECT_LE(crypto::PreRec::encoded_size_max, max_prekey_record_bytes);
    EXPECT_LE(crypto::OpkRec::encoded_size_max, max_one_time_record_bytes);
    EXPECT_LE(crypto::DevList::encoded_size_max, max_device_list_bytes);
    EXPECT_LE(crypto::Cert::encoded_size, max_cert_bytes);
    EXPECT_EQ(crypto::message_buckets.back(), max_message_bucket_bytes);

    PublishDeviceList devices{{}, filled(10)};
    EXPECT_FALSE(passes(devices));
    devices.certs.assign(max_devices, filled(max_cert_bytes));
    EXPECT_TRUE(passes(devices));
    devices.certs.push_back(filled(1));
    EXPECT_FALSE(passes(devices));
}

TEST(protocol_limits, fields_that_contradict_each_other) {
    PutMail mail = mail_of(10);
    mail.authority = PutAuthority::request;
    EXPECT_FALSE(passes(mail)) << "a token beside another authority";
    mail.token.reset();
    EXPECT_TRUE(passes(mail));
    mail.authority = PutAuthority::mailbox_token;
    EXPECT_FALSE(passes(mail)) << "no token";

    EXPECT_FALSE(passes(Watch{true, {{id<AccountId>(2), {}}, {id<AccountId>(1), {}}}}));
    EXPECT_FALSE(passes(Watch{true, {{id<AccountId>(1), {}}, {id<AccountId>(1), {}}}}));
    EXPECT_FALSE(decode_request(encode(RequestFrame{0, Ping{}})).has_value()) << "id 0 is a push";
    EXPECT_FALSE(decode_reply(encode(ReplyFrame{5, Mail{1, filled(1)}})).has_value());
    EXPECT_FALSE(decode_reply(encode(ReplyFrame{0, Ok{}})).has_value());
}

TEST(protocol_limits, the_failure_names_the_request_and_the_version) {
    Bytes bytes = encode(RequestFrame{77, LookUp{"anna"}});
    bytes.pop_back();
    auto failed = decode_request(bytes);
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().error, DecodeError::truncated);
    EXPECT_EQ(failed.error().request_id, 77U);
    bytes[1] = protocol_version + 1;
    failed = decode_request(bytes);
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().error, DecodeError::unsupported_version);
}

// Lengths of 4 GiB in a frame of a few bytes: refused before anything is allocated.
TEST(protocol_limits, announced_lengths_are_not_believed) {
    const std::vector<Bytes> hostile{
        {0xdd, 0xff, 0xff, 0xff, 0xff},
        {0x94, 1, 10, 5, 0xdb, 0xff, 0xff, 0xff, 0xff},
        {0x94, 1, 16, 5, 0xdd, 0xff, 0xff, 0xff, 0xff},
        {0x94, 1, 16, 5, 0xdc, 0xff, 0xff},
        {0x95, 1, 12, 5, 0xc3, 0xdc, 0x02, 0x00},
        {0x9a, 1, 15, 5, 0xc6, 0xff, 0xff, 0xff, 0xff},
    };
    for (const Bytes& bytes : hostile)
        EXPECT_FALSE(decode_request(bytes).has_value());
}

TEST(protocol, usernames) {
    for (const char* good : {"abc", "a.b", "anna-maria_01", "0123456789abcdef0123456789abcdef"}) {
        EXPECT_TRUE(is_username(good)) << good;
    }
    for (const char* bad : {"", "ab", "0123456789abcdef0123456789abcdef0", "Anna", "an na",
                            "ann\xc3\xa9", "a/b", "abc\n"}) {
        EXPECT_FALSE(is_username(bad)) << bad;
    }
    const MemberEntry odd{id<AccountId>(1), "A Name", false};
    EXPECT_FALSE(decode_reply(encode(ReplyFrame{1, Found{odd}})).has_value())
        << "a hostile server's names reach no screen";
}

}  // namespace
}  // namespace sotto::rendezvous
