taus_test(schema_test
  SOURCES schema_part_test.cc
  LIBS taus_api taus_schema)
