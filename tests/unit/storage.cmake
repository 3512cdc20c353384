taus_test(storage_test SOURCES storage_faulty_test.cc storage_rocks_test.cc LIBS taus_storage)

# The same sources without the latch must fail the test of it.
add_executable(storage_planted_latch storage_rocks_test.cc ${CMAKE_SOURCE_DIR}/eventstore/storage/rocks_store.cc)
target_compile_definitions(storage_planted_latch PRIVATE TAUS_PLANT_NO_LATCH)
find_package(RocksDB REQUIRED)
target_link_libraries(storage_planted_latch PRIVATE taus_storage RocksDB::rocksdb-shared GTest::gtest GTest::gtest_main)
add_test(NAME storage_planted_latch COMMAND storage_planted_latch --gtest_filter=RocksTest.AFailedWriteLatches)
set_tests_properties(storage_planted_latch PROPERTIES TIMEOUT 60 PASS_REGULAR_EXPRESSION "FAILED  . RocksTest.AFailedWriteLatches")
