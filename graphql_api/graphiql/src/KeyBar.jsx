import { useId, useState } from 'react';

import iconUrl from './icon.svg';

const HINTS = {
  missing: 'Enter a key to load the schema',
  pending: 'Press Enter to use this key',
  checking: 'Loading the schema…',
  connected: 'Connected',
  refused: 'This key was refused',
  failed: 'The server could not show its schema',
  unreachable: 'The server did not answer',
};

export function KeyBar({ currentKey, status, viewer, onChange }) {
  const [draft, setDraft] = useState(currentKey);
  const [isShown, setIsShown] = useState(false);
  const fieldId = useId();
  const hintId = useId();

  const typed = draft.trim();
  const state = typed === currentKey ? status : 'pending';
  // Not at every keystroke: half a key would be refused, and each refusal would stand in the server's log.
  const use = (text) => {
    setDraft(text.trim());
    onChange(text.trim());
  };
  const submit = (event) => {
    event.preventDefault();
    use(draft);
  };

  return (
    // GraphiQL's own class, whose variables hold the colours of the theme that the operator chose.
    <header className="graphiql-container key-bar">
      <h1 className="key-bar-title">
        <img src={iconUrl} alt="" width="22" height="22" />
        Platform Config API
      </h1>
      <form className="key-bar-form" onSubmit={submit}>
        <label htmlFor={fieldId}>API key</label>
        <span className="key-bar-field">
          <input
            id={fieldId}
            type={isShown ? 'text' : 'password'}
            value={draft}
            placeholder="Paste your key"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            aria-describedby={hintId}
            aria-invalid={state === 'refused'}
            onChange={(event) => setDraft(event.target.value)}
            onBlur={() => use(draft)}
          />
          <button
            type="button"
            aria-label={isShown ? 'Hide the key' : 'Show the key'}
            onClick={() => setIsShown(!isShown)}
          >
            {isShown ? 'Hide' : 'Show'}
          </button>
        </span>
        <span id={hintId} className="key-bar-hint" role="status" data-state={state}>
          {HINTS[state]}
          {state === 'connected' && viewer ? ` as ${viewer.name} (${viewer.kind.toLowerCase()})` : ''}
        </span>
      </form>
    </header>
  );
}
