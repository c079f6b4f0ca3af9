import { createInterface } from 'node:readline';
import { faultsOf, QUESTIONS, unanswered, type Answers, type Question } from './answers.ts';

/**
 * Asks for what was not given, on standard error, and once more for what breaks a rule, until all is well or nobody
 * answers any more.
 * @param given answers by flag; none of them is asked for while it is in order
 */
export async function ask(given: Answers): Promise<Answers> {
  // What was given wrongly is refused as a whole: whoever calls with flags corrects the call.
  if (QUESTIONS.every(({ flag, optional }) => optional || given[flag])) return given;
  const input = createInterface({ input: process.stdin });
  const answered = input[Symbol.asyncIterator]();
  const answerTo = async ({ text }: Question): Promise<string | undefined> => {
    process.stderr.write(`${text}: `);
    const { value, done } = await answered.next();
    return done ? undefined : String(value).trim();
  };
  const answers: Record<string, string> = { ...given };
  const askAll = async (questions: readonly Question[]): Promise<boolean> => {
    for (const question of questions) {
      const answer = await answerTo(question);
      if (answer === undefined) return false;
      answers[question.flag] = answer;
    }
    return true;
  };
  try {
    let going = await askAll(QUESTIONS.filter(({ flag }) => given[flag] === undefined));
    while (going) {
      const missing = unanswered(answers).map(({ flag }) => flag);
      const faults = faultsOf(answers).filter(({ flag }) => !missing.includes(flag));
      for (const { flag, found, allowed, rule } of faults)
        process.stderr.write(`--${flag}: found ${found}; allowed: ${allowed} (${rule})\n`);
      const again = QUESTIONS.filter(
        ({ flag }) => missing.includes(flag) || faults.some((fault) => fault.flag === flag),
      );
      if (again.length === 0) break;
      going = await askAll(again);
    }
    return answers;
  } finally {
    input.close();
  }
}
