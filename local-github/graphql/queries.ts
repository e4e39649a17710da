import type { Json } from '../answer.js';
import { nodeId } from '../render/node-id.js';
import { isPullRequest, nameOf } from '../state.js';
import { findThreadById, graphIssue, graphPull, graphThread } from './graph-objects.js';
import { type GraphqlCall, GraphqlRefusal } from './mutations.js';

/** The resolvers of GraphQL queries. */
export const queries = {
  node: ({ id }: { id: string }, { context, token }: GraphqlCall): Json => {
    const found = findThreadById(context, id);
    if (found?.repository.owner !== token.installation.account)
      throw new GraphqlRefusal('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`);
    return graphThread(context, found);
  },
  repository: ({ owner, name }: { owner: string; name: string }, { context, token }: GraphqlCall): Json => {
    const found = context.state.findRepository(`${owner}/${name}`);
    const covered =
      found?.owner === token.installation.account &&
      (!token.repositories || token.repositories.includes(found.id));
    if (!found || !covered)
      throw new GraphqlRefusal(
        'NOT_FOUND',
        `Could not resolve to a Repository with the name '${owner}/${name}'.`,
      );
    return {
      __typename: 'Repository',
      id: nodeId('R', found.id),
      nameWithOwner: nameOf(found),
      issue: ({ number }: { number: number }) => {
        const issue = found.issues.find((one) => one.number === number && !one.pull && !one.deleted);
        if (!issue)
          throw new GraphqlRefusal(
            'NOT_FOUND',
            `Could not resolve to an Issue with the number of ${number}.`,
          );
        return graphIssue(context, found, issue);
      },
      pullRequest: ({ number }: { number: number }) => {
        const issue = found.issues.find((one) => one.number === number);
        if (!issue || !isPullRequest(issue))
          throw new GraphqlRefusal(
            'NOT_FOUND',
            `Could not resolve to a PullRequest with the number of ${number}.`,
          );
        return graphPull(context, { repository: found, issue });
      },
    };
  },
};
