// A replica whose disk may stop answering: each operation runs on a thread of its own and is waited for so long and no longer.
//
// Threads:    as the replica inside, one caller at a time. The end does not wait for a disk that does not answer.
// Durability: as the replica inside, where it answered in time; an operation that comes to its end later does not count.
// Errors:     busy: did not answer in time, or still has not answered what was asked before; else the replica's own.
#pragma once

#include <chrono>
#include <memory>

#include "eventstore/vault/replica.h"

namespace taus::runtime {

struct Patience {
  std::chrono::milliseconds append;  // a batch, on the way of every commit
  std::chrono::milliseconds copy;    // without any progress, of a copy or of reading one
};

std::unique_ptr<vault::Replica> patient_replica(std::unique_ptr<vault::Replica> inner, const Patience& patience);

}  // namespace taus::runtime
