// taus-dump DIR: all rows of a RocksDB directory as lines "table key value" in hexadecimal, for readers in other languages.
// taus-dump --tables FILE...: the same of single table files, whatever became of the directory that they belonged to.
// Uses nothing of taus, so that what it shows is what is there.
#include <cstdio>
#include <string>

#include <rocksdb/db.h>
#include <rocksdb/sst_file_reader.h>

namespace {

void print_hex(const rocksdb::Slice& bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) std::printf("%02x", static_cast<unsigned char>(bytes[i]));
}

int print_rows(const std::string& table, rocksdb::Iterator& it) {
  for (it.SeekToFirst(); it.Valid(); it.Next()) {
    std::printf("%s ", table.c_str());
    print_hex(it.key());
    std::printf(" ");
    print_hex(it.value());
    std::printf("\n");
  }
  return it.status().ok() ? 0 : 1;
}

int print_tables(int count, char** files) {
  int result = 0;
  for (int i = 0; i < count; ++i) {
    rocksdb::SstFileReader reader{rocksdb::Options()};
    if (!reader.Open(files[i]).ok()) {
      std::fprintf(stderr, "taus-dump: cannot open %s\n", files[i]);
      result = 1;
      continue;
    }
    const std::unique_ptr<rocksdb::Iterator> it(reader.NewIterator(rocksdb::ReadOptions()));
    result |= print_rows(reader.GetTableProperties()->column_family_name, *it);
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc >= 2 && std::string(argv[1]) == "--tables") return print_tables(argc - 2, argv + 2);
  if (argc != 2) {
    std::fprintf(stderr, "usage: taus-dump DIR | --tables FILE...\n");
    return 2;
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const char* name : {"default", "leaf", "part", "keys", "dedupe", "meta"})
    families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DBOptions options;
  options.track_and_verify_wals_in_manifest = true;  // as it was written: else RocksDB 7.8 wants to edit the manifest, and aborts
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, argv[1], families, &handles, &db);
  if (!status.ok()) {
    std::fprintf(stderr, "taus-dump: cannot open %s\n", argv[1]);
    return 1;
  }
  int result = 0;
  for (std::size_t i = 1; i < handles.size(); ++i) {
    const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator(rocksdb::ReadOptions(), handles[i]));
    result |= print_rows(families[i].name, *it);
  }
  for (auto* handle : handles) (void)db->DestroyColumnFamilyHandle(handle);
  delete db;
  return result;
}
