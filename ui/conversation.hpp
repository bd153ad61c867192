// The part of one conversation that is in memory: a run of messages without gaps, newest last, and
// the notices between them.
//
// Promises: messages are ordered by row and unique; texts are fit for the screen (sanitised on the
// way in). Messages that do not connect to the run are not kept: paging upward fetches them again.
// A page from far back (a search led there) takes the run's place: then newer() messages are on the
// disk, and what arrives is left there.
// Pure values; no ImGui. The store is the truth, this is a window on it.
#pragma once

#include "peer/model.hpp"
#include "peer/output.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sotto::ui {

// "NAME is online": shown in the open conversation, never stored.
struct PresenceNotice {
    std::uint64_t after_row = 0;  // stands below this message
    peer::WallTime at;
    bool online = false;
    friend bool operator==(const PresenceNotice&, const PresenceNotice&) = default;
};

class Conversation {
public:
    // Above this the oldest messages leave memory (16 MB of usual messages); paging brings them
    // back.
    static constexpr std::size_t messages_max = 50'000;
    static constexpr std::size_t messages_dropped = 10'000;  // at a time, so that it is rare
    static constexpr std::size_t notices_max = 200;          // somebody's link that flaps for days

    [[nodiscard]] const std::vector<peer::Message>& messages() const { return messages_; }
    [[nodiscard]] const std::vector<PresenceNotice>& notices() const { return notices_; }
    [[nodiscard]] bool loaded() const { return loaded_; }  // the newest page has arrived
    [[nodiscard]] bool more() const { return more_; }      // older messages are on disk
    [[nodiscard]] bool newer() const { return newer_; }    // and newer ones: the run ends before
    [[nodiscard]] bool has_row(std::uint64_t row) const;
    [[nodiscard]] std::uint64_t last_row() const;
    [[nodiscard]] std::uint64_t first_row() const;
    // Changes with every visible change; timelines are rebuilt when it does.
    [[nodiscard]] std::uint64_t revision() const { return revision_; }
    [[nodiscard]] std::uint32_t unread() const;

    void add_page(const peer::HistoryPage& page);
    // The page around this row is to take the run's place.
    void expect_far_page(std::uint64_t before_row) { far_page_ = before_row; }
    // One that comes before the newest page waits for it: the page may have been read earlier.
    void add(const peer::Message& message);
    // Answers the message, or null when it is not in memory.
    const peer::Message* set_state(const peer::MessageStateChanged& change);
    void read_up_to(std::uint64_t row);
    void add_notice(PresenceNotice notice);

    // Overwrites and forgets every text.
    void forget();

private:
    static constexpr std::size_t early_max = 1'000;  // while one page is read, in milliseconds

    void take_newest_page(const peer::HistoryPage& page);
    void take_older_page(const peer::HistoryPage& page);
    void take_newer_page(const peer::HistoryPage& page);
    void take_far_page(const peer::HistoryPage& page);
    // What is newer than the run, in rising order.
    void append(const peer::HistoryPage& page);
    // What the page is not older than: told to us by now, perhaps not to whoever read the page.
    void append_unless_there(const std::vector<peer::Message>& messages);
    void drop_oldest();

    std::vector<peer::Message> messages_;
    std::vector<peer::Message> early_;  // came before the newest page
    std::vector<PresenceNotice> notices_;
    bool loaded_ = false;
    bool more_ = true;
    bool newer_ = false;
    std::uint64_t far_page_ = 0;  // 0: none is expected
    std::uint64_t revision_ = 1;
};

// Zeros before the memory is given back, in a way the compiler keeps.
void overwrite(std::string& text);

}  // namespace sotto::ui
