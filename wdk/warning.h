/* Settings of warnings for the kit: there are none. */
#ifndef WDK_WARNING_H
#define WDK_WARNING_H

#endif
