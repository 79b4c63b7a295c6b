/** Vietnamese first: it answers whoever asks for neither. */
export const LANGUAGES = ['vi', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

/** A text for readers, in both languages. */
export type Bilingual = { readonly vi: string; readonly en: string }
