#include <gtest/gtest.h>

#include <cstdlib>

int main(int argc, char** argv) {
    // No display, no desktop session, one look for all machines.
    ::setenv("SDL_VIDEODRIVER", "dummy", 1);
    ::unsetenv("DBUS_SESSION_BUS_ADDRESS");
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
