#include "rendezvous/commands.hpp"
namespace sotto::rendezvous {
int carry_out(const BackupOptions&) {
    return fail("not built yet");
}
int carry_out(const RestoreOptions&) {
    return fail("not built yet");
}
int carry_out(const CheckOptions&) {
    return fail("not built yet");
}
int carry_out(const DoctorOptions&) {
    return fail("not built yet");
}
}  // namespace sotto::rendezvous
