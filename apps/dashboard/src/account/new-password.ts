import { type PasswordRequest, passwordRequest } from '@latchkey/contracts';

/** What is wrong with a new password by the contract's rules, in a sentence; null for nothing. */
export function newPasswordProblem({ currentPassword, newPassword }: PasswordRequest): string | null {
  if (!passwordRequest.shape.newPassword.safeParse(newPassword).success) {
    return newPassword.length < 12
      ? `Too short: ${newPassword.length} of at least 12 characters.`
      : 'Too long: at most 1024 characters.';
  }
  return newPassword === currentPassword ? 'It is the same as the present one.' : null;
}
