/** Placeholder until written. */
