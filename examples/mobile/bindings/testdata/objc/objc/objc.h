// Part of the stub of Foundation.
#include <Foundation/Foundation.h>
