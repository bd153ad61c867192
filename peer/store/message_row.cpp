#include "peer/store/message_row.hpp"

namespace sotto::peer::store {

Message message_at(Rows& rows) {
    return Message{.row = rows.unsigned_integer(message_row_column),
                   .id = {rows.fixed<16>(1)},
                   .peer = AccountId(rows.fixed<AccountId::size>(2)),
                   .outgoing = rows.boolean(3),
                   .kind = rows.enumerator(message_kind_column, MessageKind::notice),
                   .text = rows.text(message_text_column),
                   .at = {rows.unsigned_integer(6)},
                   .state = rows.enumerator(7, DeliveryState::failed),
                   .failure = rows.enumerator(8, MessageFailure::refused),
                   .read_locally = rows.boolean(9)};
}

}  // namespace sotto::peer::store
