/* Annotations about IRQL and kernel objects; empty, like those of sal.h. */
#ifndef WDK_DRIVERSPECS_H
#define WDK_DRIVERSPECS_H

#include "base/old_annotations.h"
#include "concurrencysal.h"
#include "sal.h"

#define _IRQL_requires_same_
#define _IRQL_saves_
#define _IRQL_restores_
#define _IRQL_is_cancel_
#define __drv_aliasesMem
#define __drv_requiresIRQL_same
#define __drv_restoresIRQL
#define __drv_savesIRQL
#define __drv_sameIRQL
#define __drv_useCancelIRQL
#define __drv_isCancelIRQL
#define __drv_interlocked
#define __drv_inTry
#define __drv_notInTry
#define __drv_valueIsAny
#define __drv_mustHoldCriticalRegion
#define __drv_neverHoldCriticalRegion
#define __drv_acquiresCriticalRegion
#define __drv_releasesCriticalRegion
#define __drv_acquiresCancelSpinLock
#define __drv_releasesCancelSpinLock
#define __drv_mustHoldCancelSpinLock
#define __drv_neverHoldCancelSpinLock
#define __drv_isObjectPointer
#define __drv_freesMemory
#define __drv_nonConstant
#define __drv_constant
#define __drv_notPointer
#define __drv_unknown
#define __drv_floatUsed
#define __drv_floatRestored
#define __drv_floatSaved
#define _Kernel_float_used_
#define _Kernel_float_saved_
#define _Kernel_float_restored_

#define _IRQL_requires_(a)
#define _IRQL_requires_min_(a)
#define _IRQL_requires_max_(a)
#define _IRQL_raises_(a)
#define _IRQL_always_function_max_(a)
#define _IRQL_always_function_min_(a)
#define _IRQL_limited_to_(a)
#define _Dispatch_type_(a)
#define _Kernel_clear_do_init_(a)
#define _Kernel_requires_resource_held_(a)
#define _Kernel_requires_resource_not_held_(a)
#define _Kernel_acquires_resource_(a)
#define _Kernel_releases_resource_(a)
#define __drv_maxIRQL(a)
#define __drv_minIRQL(a)
#define __drv_requiresIRQL(a)
#define __drv_raisesIRQL(a)
#define __drv_setsIRQL(a)
#define __drv_maxFunctionIRQL(a)
#define __drv_minFunctionIRQL(a)
#define __drv_freesMem(a)
#define __drv_allocatesMem(a)
#define __drv_functionClass(a)
#define __drv_dispatchType(a)
#define __drv_formatString(a)
#define __drv_strictTypeMatch(a)
#define __drv_clearDoInit(a)
#define __drv_reportError(a)
#define __drv_acquiresResource(a)
#define __drv_releasesResource(a)
#define __drv_mustHold(a)
#define __drv_neverHold(a)
#define __drv_acquires(a)
#define __drv_releases(a)
#define __drv_holds(a)
#define __drv_notHeld(a)
#define __drv_acquiresExclusiveResource(a)
#define __drv_releasesExclusiveResource(a)
#define __drv_valueIs(a)
#define __drv_bound(a)
#define __drv_fun(a)
#define __drv_ret(a)
#define __drv_deref(a)
#define __drv_declspec(a)
#define __drv_group(a)
#define __drv_nop(a)

#define _IRQL_saves_global_(a, b)
#define _IRQL_restores_global_(a, b)
#define __drv_savesIRQLGlobal(a, b)
#define __drv_restoresIRQLGlobal(a, b)
#define __drv_acquiresResourceGlobal(a, b)
#define __drv_releasesResourceGlobal(a, b)
#define __drv_acquiresExclusiveResourceGlobal(a, b)
#define __drv_releasesExclusiveResourceGlobal(a, b)
#define __drv_mustHoldGlobal(a, b)
#define __drv_neverHoldGlobal(a, b)
#define __drv_innerMustHoldGlobal(a, b)
#define __drv_when(a, b)
#define __drv_arg(a, b)
#define __drv_at(a, b)
#define __drv_preferredFunction(a, b)
#define __drv_strictType(a, b)
#define __drv_innerAcquiresGlobal(a, b)
#define __drv_innerReleasesGlobal(a, b)

#define _IRQL_uses_cancel_
#define _Kernel_requires_critical_region_
#define _Acquires_critical_region_
#define __drv_Mode_impl(mode)
#define __user_driver
#define __kernel_driver
#define __kernel_code
#define __user_code
#define ___drv_unit_user_driver
#define ___drv_unit_kernel_driver
#define __drv_typeConst  0
#define __drv_typeCond   1
#define __drv_typeBitset 2
#define __drv_typeExpr   3
#define __drv_prefast_driver

#define __drv_dispatchType_other
#define __drv_in(a)
#define __drv_in_deref(a)
#define __drv_out(a)
#define __drv_out_deref(a)

#endif
