import { useCallback, useState } from 'react';

import { readKey, storeKey } from './apiKey.js';

const begin = (key) => ({ key, status: key ? 'checking' : 'missing', viewer: null });

/** The key in use, and what the server thinks of it. */
export function useConnection() {
  const [connection, setConnection] = useState(() => begin(readKey()));

  const changeKey = useCallback((key) => {
    storeKey(key);
    setConnection((current) => (current.key === key ? current : begin(key)));
  }, []);

  const report = useCallback((key, news) => {
    // An answer can arrive after its key was replaced, and then says nothing about the new one.
    setConnection((current) => (current.key === key ? { ...current, ...news } : current));
  }, []);

  return { ...connection, changeKey, report };
}
