taus_test(base_zone_test SOURCES base_zone_test.cc LIBS taus_base)
