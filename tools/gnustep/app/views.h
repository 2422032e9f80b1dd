#pragma once
#include <stddef.h>
void nxtest_views(void);
int nxtest_drop(const char *title, const char *paths, int n);
