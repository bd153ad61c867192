#include "stage.hpp"

#include <iterator>

namespace sotto::ui::testing {
namespace {

using peer::DeliveryState;
using peer::Presence;

struct Person {
    unsigned number;
    const char* name;
    Presence presence;
    const char* last;
    bool outgoing;
    std::uint32_t unread;
    std::uint64_t minutes_ago;
};

constexpr std::uint64_t day = 24 * 60;

const Person people[] = {
    {2, "pushkin", Presence::offline, "Файл получил, спасибо", false, 0, 35},
    {3, "giorgos", Presence::online, "See you at the station", false, 3, 62},
    {4, "tanaka.taro", Presence::online, "漢字と仮名のテスト 👌🏼", false, 0, 210},
    {5, "bob", Presence::online, "OK 👌🏼", true, 0, day + 300},
    {6, "equipe.infra", Presence::online, "ping ?", false, 120, 2 * day + 100},
    {7, "mohammed", Presence::offline, "شكرا", false, 0, 3 * day},
    {8, "carol", Presence::online, "The build is green ✅", false, 0, 9 * day},
    {9, "dave", Presence::offline, "À demain ! 😴", false, 0, 40 * day},
    {10, "erin_oneil", Presence::online, "Merci !", true, 0, 400 * day},
};

std::vector<peer::Message> conversation() {
    const auto mine = [](std::uint64_t minutes_ago, DeliveryState state) {
        return MessageOptions{.outgoing = true, .state = state, .minutes_ago = minutes_ago};
    };
    const auto theirs = [](std::uint64_t minutes_ago) {
        return MessageOptions{.minutes_ago = minutes_ago};
    };
    std::vector<peer::Message> all;
    all.push_back(
        message(1, 1, "Salut ! Tu as vu le plan ? C'est pour demain.", theirs(day + 500)));
    all.push_back(
        message(2, 1, "Oui, je relis et je te dis.", mine(day + 498, DeliveryState::read)));
    all.push_back(
        message(3, 1,
                "漢字と仮名のテスト。これは長い日本語の文章なので、行の折り返しが正しく動く"
                "かどうかを確認できます。한국어도 됩니다🇯🇵🇰🇷",
                mine(day + 465, DeliveryState::read)));
    all.push_back(
        message(4, 1, "مرحبا! كيف حالك اليوم؟ الاجتماع في الساعة 14:30 في Paris.", theirs(600)));
    all.push_back(message(5, 1, "שלום, הכל בסדר (ראה README.md) 🙂",
                          mine(598, DeliveryState::read)));
    all.push_back(message(6, 1, "नमस्ते दुनिया · สวัสดีครับ · Tiếng Việt · fi ligature, AVATAR kerning",
                          theirs(597)));
    all.push_back(message(7, 1,
                          "Merci, je regarde ça. Lien : https://example.org/spec#section-4 et la "
                          "famille 👨‍👩‍👧‍👦 vous embrasse ❤️",
                          mine(556, DeliveryState::read)));
    all.push_back(message(8, 1, "À tout à l'heure 👋🏻🏳️‍🌈",
                          mine(555, DeliveryState::delivered)));
    all.push_back(message(9, 1, "😂😂😂", theirs(553)));
    all.push_back(message(10, 1, "On se voit à la gare ?", mine(40, DeliveryState::with_server)));
    all.push_back(message(11, 1, "J'apporte les billets.", mine(39, DeliveryState::saved)));
    return all;
}

}  // namespace

void fill_home(Stage& stage) {
    std::vector<peer::Contact> contacts;
    std::vector<peer::ConversationSummary> heads;
    contacts.push_back(contact(1, "elodie"));
    contacts.back().verified = true;
    contacts.back().changed_at = {0};
    std::vector<peer::Message> talk = conversation();
    heads.push_back({.peer = account(1), .last = talk.back(), .unread = 0});
    std::move(talk.begin(), talk.end(), std::back_inserter(stage.history));
    std::uint64_t row = 100;
    for (const Person& person : people) {
        contacts.push_back(
            contact(person.number, person.name, peer::ContactState::accepted, person.presence));
        contacts.back().changed_at = {0};
        const peer::Message last = message(row++, person.number, person.last,
                                           {.outgoing = person.outgoing,
                                            .minutes_ago = person.minutes_ago,
                                            .read = person.unread == 0});
        heads.push_back({.peer = account(person.number), .last = last, .unread = person.unread});
        stage.history.push_back(last);
    }
    stage.take(opened(std::move(contacts), std::move(heads)));
    stage.take(peer::ServerStateChanged{peer::ServerState::online});
    stage.show(directory({{"zoe", account(50), Presence::online},
                          {"yann", account(51), Presence::offline},
                          {"alice", account(1000), Presence::online}}));
}

}  // namespace sotto::ui::testing
