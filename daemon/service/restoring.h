// Backups handed out in pieces, and what the journal says of a restore. Internal to daemon/service/.
//
// Threads: the core thread. Errors: unauthorized; not_found: no such backup session; busy: not everything is durable yet.
#pragma once

#include "daemon/service/core.h"

namespace taus::service {

// One piece of a backup; session 0 begins one, and ends the one before.
Result<void> backup_read(Core& core, const Call& call, api::BackupQuery::Reader in, api::BackupChunk::Builder out);
// The public entries of a restore: the restore itself, and receipts of shreds that the backup's journal has not heard of.
Result<void> append_restoration(Core& core, EventStore& store, const RestoreFacts& facts);

}  // namespace taus::service
