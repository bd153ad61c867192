// Ready-made ops and a synchronous way to run them, for tests of stores and of the logic.
#pragma once

#include "rendezvous/store.hpp"
#include "tests/support/rendezvous_client.hpp"

#include <gtest/gtest.h>

#include <poll.h>

#include <filesystem>

namespace sotto::rendezvous::testing {

template <class Id>
Id id(std::uint8_t fill) {
    crypto::ByteArray<Id::size> bytes;
    bytes.fill(fill);
    return Id(bytes);
}

inline Bytes filled(std::size_t size, std::uint8_t fill) {
    return Bytes(size, fill);
}

inline constexpr std::uint64_t hour_ms = 3'600'000;

inline ops::MailAddress address(std::uint8_t account, std::uint8_t device) {
    return {id<AccountId>(account), id<DeviceId>(device)};
}

inline ops::CreateAccount create_account(std::uint8_t fill, std::string username) {
    return {.account = id<AccountId>(fill),
            .username = std::move(username),
            .login_key = id<crypto::LkPublic>(fill),
            .device = id<DeviceId>(fill),
            .dsk = id<crypto::DskPublic>(fill),
            .cert = filled(252, fill),
            .device_list = filled(203, fill),
            .list_seq = 1,
            .listed = true,
            .visibility = Visibility::members,
            .invite = std::nullopt,
            .invite_required = false,
            .now_ms = start_ms};
}

inline ops::PutMail put_mail(std::uint8_t to, std::uint8_t envelope, std::size_t size = 600) {
    return {.to = address(to, to),
            .envelope = id<EnvelopeId>(envelope),
            .token = std::nullopt,
            .request_sender = std::nullopt,
            .item = filled(size, envelope),
            .now_ms = start_ms};
}

inline ops::ListMail list_mail(std::uint8_t of) {
    return {.address = address(of, of),
            .skip_rows = {},
            .max_items = 100,
            .max_bytes = 1U << 20,
            .now_ms = start_ms};
}

// Waits on the store's descriptor, never on time.
inline std::vector<StoreDone> collect_all(Store& store, std::size_t count) {
    std::vector<StoreDone> all;
    while (all.size() < count) {
        if (store.ready_fd() >= 0) {
            pollfd wait{.fd = store.ready_fd(), .events = POLLIN, .revents = 0};
            poll(&wait, 1, -1);
        }
        for (StoreDone& done : store.collect())
            all.push_back(std::move(done));
    }
    return all;
}

inline std::vector<StoreRequest> one_request(std::uint64_t token, ops::Op op) {
    std::vector<StoreRequest> requests(1);
    requests[0].token = token;
    requests[0].batch.push_back(std::move(op));
    return requests;
}

// Runs one op and returns its result, which must be a `Result`.
template <class Result>
Result run(Store& store, ops::Op op) {
    store.submit(one_request(7, std::move(op)));
    std::vector<StoreDone> done = collect_all(store, 1);
    EXPECT_EQ(done.at(0).token, 7U);
    EXPECT_TRUE(done.at(0).results.has_value());
    return std::get<Result>(std::move(*done.at(0).results).at(0));
}

// A directory of its own, removed afterwards.
class TempDir {
public:
    TempDir() {
        std::string name = std::filesystem::temp_directory_path() / "sotto-test-XXXXXX";
        path_ = mkdtemp(name.data());
    }
    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    [[nodiscard]] std::string file(const char* name) const { return path_ / name; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace sotto::rendezvous::testing
