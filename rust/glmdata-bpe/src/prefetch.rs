//! Asking for memory before it is needed.
//!
//! Reading ahead with plain loads was tried first: the core cannot retire past a load that misses, so
//! it waits there instead of later, and nothing is won.

/// Ask for the cache line of `items[at]`; nothing happens if there is none.
#[inline(always)]
pub(crate) fn prefetch<T>(items: &[T], at: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(item) = items.get(at) {
        x86::prefetch(item);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (items, at);
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod x86 {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

    #[inline(always)]
    pub(super) fn prefetch<T>(item: &T) {
        // SAFETY: SSE is part of x86_64; a prefetch reads nothing and faults on no address, and this
        // one comes from a reference besides.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(item).cast()) }
    }
}

#[cfg(test)]
mod tests {
    use super::prefetch;

    #[test]
    fn any_place_may_be_asked_for() {
        let items = [1_u64, 2, 3];
        for at in [0, 2, 3, usize::MAX] {
            prefetch(&items, at);
        }
        prefetch::<u8>(&[], 0);
        assert_eq!(items, [1, 2, 3]);
    }
}
