#include "CVec.h"
