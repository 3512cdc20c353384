find_package(rapidcheck REQUIRED)
taus_test(projections_test SOURCES projections_fold_test.cc projections_index_test.cc projections_rebuild_test.cc
  LIBS taus_projections rapidcheck)
