#pragma once
#define THIRD_HEADER 3
