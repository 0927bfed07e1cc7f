import { useGraphiQL } from '@graphiql/react';
import { useEffect, useRef } from 'react';

/** Takes the news of a schema that could not be loaded off the result pane once it is; GraphiQL leaves it there. */
export function StaleFailure() {
  const failure = useGraphiQL((state) => state.fetchError);
  const resultEditor = useGraphiQL((state) => state.responseEditor);
  const lastFailure = useRef(null);

  useEffect(() => {
    if (!failure && lastFailure.current && resultEditor?.getValue() === lastFailure.current) {
      resultEditor.setValue('');
    }
    lastFailure.current = failure;
  }, [failure, resultEditor]);

  return null;
}
