#pragma once
#define SECOND_HEADER 2
#include "..\DEEP\Third.h"
