/* The strict form of the annotations, which are empty in any form. */
#ifndef WDK_SPECSTRINGS_STRICT_H
#define WDK_SPECSTRINGS_STRICT_H

#include "specstrings.h"

#endif
