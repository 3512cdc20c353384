find_package(nlohmann_json REQUIRED)
taus_test(storage_test SOURCES storage_crc32c_test.cc storage_faulty_test.cc storage_page_vectors_test.cc storage_pages_test.cc storage_rocks_test.cc
  LIBS taus_storage nlohmann_json::nlohmann_json)
target_compile_definitions(storage_test PRIVATE TAUS_VECTORS="${CMAKE_SOURCE_DIR}/tests/vectors")
find_package(RocksDB REQUIRED)

# storage_planted(NAME SWITCH TEST SOURCE): RocksDB's adapter with a planted fault must fail the test of what it breaks.
function(storage_planted name switch test source)
  add_executable(${name} ${source} ${CMAKE_SOURCE_DIR}/eventstore/storage/rocks_store.cc)
  target_compile_definitions(${name} PRIVATE ${switch})
  target_link_libraries(${name} PRIVATE taus_storage RocksDB::rocksdb-shared GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} --gtest_filter=${test})
  set_tests_properties(${name} PROPERTIES TIMEOUT 60 PASS_REGULAR_EXPRESSION "FAILED  . ${test}")
endfunction()

storage_planted(storage_planted_latch TAUS_PLANT_NO_LATCH RocksTest.AFailedWriteLatches storage_rocks_test.cc)
storage_planted(storage_planted_ends TAUS_PLANT_ENDS_NOT_FOUND Pages.HoldTheRowsThatWerePutWhateverTheOrder storage_pages_test.cc)
