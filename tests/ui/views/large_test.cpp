// Ten thousand contacts, and as many messages: no more is drawn than is seen.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "stage.hpp"

namespace sotto::ui::testing {
namespace {

void fill(Stage& stage, unsigned count) {
    std::vector<peer::Contact> contacts;
    std::vector<peer::ConversationSummary> heads;
    for (unsigned i = 0; i < count; ++i) {
        contacts.push_back(contact(i, "person." + std::to_string(i)));
        heads.push_back(
            {.peer = account(i),
             .last = message(i + 1, i, "hello " + std::to_string(i), {.minutes_ago = i + 1}),
             .unread = 0});
    }
    stage.show(opened(std::move(contacts), std::move(heads)));
}

std::size_t rows_drawn(const Stage& stage) {
    const auto& nodes = stage.driver->tree().nodes();
    return static_cast<std::size_t>(std::count_if(
        nodes.begin(), nodes.end(), [](const Node& node) { return node.role == "contact"; }));
}

double scroll_cost_ms(Stage& stage) {
    std::vector<double> costs;
    stage.driver->move_to({150, 400});
    for (int i = 0; i < 40; ++i) {
        SDL_Event event{};
        event.type = SDL_MOUSEWHEEL;
        event.wheel.windowID = SDL_GetWindowID(stage.window->sdl());
        event.wheel.y = -1;
        event.wheel.preciseY = -1.0F;
        SDL_PushEvent(&event);
        stage.driver->frames(1);
        costs.push_back(stage.driver->last().cpu_ms);
    }
    std::sort(costs.begin(), costs.end());
    return costs[costs.size() / 2];
}

TEST(Large, TenThousandContactsScrollLikeAHundred) {
    Stage few;
    fill(few, 100);
    const double few_ms = scroll_cost_ms(few);
    Stage many;
    fill(many, 10'000);
    EXPECT_LT(rows_drawn(many), 20U);
    const double many_ms = scroll_cost_ms(many);
    RecordProperty("few_ms", std::to_string(few_ms));
    RecordProperty("many_ms", std::to_string(many_ms));
    // Both draw the same rows; the tenfold leaves room for a busy machine, not for a linear cost.
    EXPECT_LT(many_ms, few_ms * 10.0 + 1.0);
}

TEST(Large, SearchFindsOneOfTenThousand) {
    Stage stage;
    fill(stage, 10'000);
    EXPECT_EQ(stage.run("key Ctrl+K\ntype person.7777\nexpect contact:person.7777\nkey Enter\n"
                        "expect conversation:person.7777"),
              "");
}

TEST(Large, AMessageMovesItsContactToTheTop) {
    Stage stage;
    fill(stage, 10'000);
    stage.show(peer::MessageAdded{message(20'000, 9'999, "surprise", {.read = false})});
    EXPECT_EQ(stage.run("expect_value contact:person.9999 surprise\nkey Ctrl+1\n"
                        "expect conversation:person.9999"),
              "");
}

}  // namespace
}  // namespace sotto::ui::testing
