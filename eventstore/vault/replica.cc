#include "eventstore/vault/replica.h"

namespace taus::vault {
namespace {

class DirectoryReplica final : public Replica {
 public:
  DirectoryReplica(std::string name, const std::string& dir) : name_(std::move(name)), path_(dir + "/" + replica_file) {}
  [[nodiscard]] const std::string& name() const override { return name_; }

  Result<CopyState> look() override {
    file_.reset();
    TAUS_TRY_ASSIGN(file_, CopyFile::open(path_));
    return file_->state();
  }
  Result<CopyState> append(const KeyBatch& batch) override {
    TAUS_CHECK(file_ != nullptr);
    TAUS_TRY(file_->append(batch));
    return file_->state();
  }
  Result<CopyState> copy(const CopyHead& head, const storage::KvReader& from, std::uint64_t kseq) override {
    file_.reset();
    TAUS_TRY_ASSIGN(const auto there, read_copy_head(path_));
    if (there && there->store_id != head.store_id)
      return Error(ErrorCode::version_conflict, path_ + " holds the keys of another store");
    TAUS_TRY_ASSIGN(const auto maker, CopyMaker::begin(path_, head));
    TAUS_TRY(maker->add_all(from));
    TAUS_TRY(maker->finish(kseq));
    return look();
  }

 private:
  std::string name_;
  std::string path_;
  std::unique_ptr<CopyFile> file_;
};

}  // namespace

std::unique_ptr<Replica> directory_replica(std::string name, std::string dir) {
  return std::make_unique<DirectoryReplica>(std::move(name), dir);
}

}  // namespace taus::vault
