/* Ends what specstrings_strict.h begins: there is nothing to end. */
#ifndef WDK_SPECSTRINGS_UNDEF_H
#define WDK_SPECSTRINGS_UNDEF_H

#endif
