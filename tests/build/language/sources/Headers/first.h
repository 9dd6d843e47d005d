#pragma once
#define FIRST_HEADER 1
#include "deep\..\Deep\second.H"
