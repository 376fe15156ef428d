// Types of the standard library's nearest word.

/** The candidate with the smallest edit distance to `word`. */
export declare function closestString(word: string, candidates: readonly string[]): string;
