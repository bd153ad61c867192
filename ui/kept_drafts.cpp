#include "ui/kept_drafts.hpp"

#include <string>
#include <string_view>

#include "ui/drafts.hpp"

namespace sotto::ui {
namespace {

std::string_view as_text(crypto::ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void KeptDrafts::add(const AccountId& account, std::string_view text) {
    if (text.empty()) {
        return;
    }
    const auto known = drafts_.find(account);
    const std::string_view before =
        known == drafts_.end() ? std::string_view{} : as_text(known->second.view());
    std::string whole;
    whole.reserve(before.size() + 1 + text.size());  // no copy is left behind by growing
    whole += before;
    if (!before.empty()) {
        whole += '\n';
    }
    whole += text;
    drafts_.insert_or_assign(account, crypto::SecureBuffer::copy_of(crypto::as_bytes(whole)));
    overwrite(whole);
}

void KeptDrafts::keep(const UiState& ui, const AccountId& owner) {
    drafts_.clear();
    owner_ = owner;
    for (const auto& [account, thread] : ui.threads) {
        for (const std::string& text : thread->returned) {
            add(account, text);
        }
    }
    // What has no answer yet will not get one that counts: the engine locked before it came to it.
    for (const auto& [id, pending] : ui.pending) {
        if (pending.purpose == Purpose::send_text && pending.account) {
            add(*pending.account, pending.text);
        }
    }
    for (const auto& [account, thread] : ui.threads) {
        if (is_unsaved(*thread) || drafts_.contains(account)) {
            add(account, thread->composer.buffer().text());
        }
    }
}

void KeptDrafts::give_back(UiState& ui, const AccountId& owner) {
    if (owner_ == owner) {
        for (const auto& [account, draft] : drafts_) {
            Thread& thread = ui.thread(account);
            thread.composer.buffer().clear();  // an older one, from the profile
            thread.draft.stored = true;        // so that it is replaced there
            thread.returned.emplace_back(as_text(draft.view()));
            put_back(thread);
        }
    }
    drafts_.clear();
    owner_.reset();
}

}  // namespace sotto::ui
