/*
 * Turns the GUIDs that later headers declare into definitions. One file of a driver includes this
 * before the headers whose GUIDs it wants to own.
 */
#ifndef INITGUID
#define INITGUID
#endif

#include "guiddef.h"
