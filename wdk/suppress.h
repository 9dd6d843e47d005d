/* What silences single findings of static analysis; nothing here is analyzed. */
#ifndef WDK_SUPPRESS_H
#define WDK_SUPPRESS_H

#endif
