#!/usr/bin/env bash
# Asks an account with the AWS CLI (1 or 2) for the controls that side_by_side.toml compares: one
# question for each, a line with its verdict (pass, fail, cannot_tell) and its name. What an instructor
# who knows AWS would write in an evening; side_by_side.py runs it beside stepproof and prowler.
#
# usage: side_by_side.sh
#
# Needs credentials and a region as the AWS CLI takes them, and curl and python3 to open the functions'
# packages. Exit code: 0 all pass, 1 one fails, 3 none fails and one can't be told.
set -u
export AWS_PAGER=
app=${APP_STACK:-CustomizeUnicorns} init=${INIT_STACK:-Secure-Serverless} stage=${STAGE:-dev}
secret=secure-serverless-db-secret password='Corp123!'
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# ask WORD…: a call's answer as text. Version 1 ignores AWS_ENDPOINT_URL for some services.
ask() {
  aws ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} --output text "$@" 2>"$dir/error"
}

# In the questions 0 is yes, 1 is no, and 2 that nobody could look.
api_methods_ask_for_a_token() {
  local methods='items[?resourceMethods].resourceMethods.values(@)[] | [?httpMethod!=`OPTIONS`]'
  methods=$(ask apigateway get-resources --rest-api-id "$api" --embed methods \
    --query "$methods.authorizationType") || return 2
  all_but NONE "$methods"
}

deployed_methods_ask_for_a_token() {
  local methods='apiSummary.*.[GET, POST, PUT, PATCH, DELETE, HEAD, ANY][] | [?@].authorizationType'
  [ -n "$deployment" ] || return 2
  methods=$(ask apigateway get-deployment --rest-api-id "$api" --deployment-id "$deployment" \
    --embed apisummary --query "$methods") || return 2
  [ -n "$methods" ] || return 2
  all_but NONE "$methods"
}

function_role_is_no_administrator() {
  local role attached arn version names name
  local all='to_array(Statement)[?Effect==`Allow` && contains(to_array(Action), `*`)].Effect'
  role=$(ask lambda get-function-configuration --function-name CustomUnicornAnalyticsFunction \
    --query Role) || return 2
  role=${role##*/}
  attached=$(ask iam list-attached-role-policies --role-name "$role" \
    --query 'AttachedPolicies[].PolicyArn') || return 2
  for arn in $attached; do
    case $arn in
      arn:aws:iam::aws:policy/AdministratorAccess | arn:aws:iam::aws:policy/PowerUserAccess | \
        arn:aws:iam::aws:policy/IAMFullAccess) return 1 ;;
      arn:aws:iam::aws:*) continue ;;
    esac
    version=$(ask iam get-policy --policy-arn "$arn" --query Policy.DefaultVersionId) || return 2
    version=$(ask iam get-policy-version --policy-arn "$arn" --version-id "$version" \
      --query "PolicyVersion.Document.$all") || return 2
    [ -z "$version" ] || return 1
  done
  names=$(ask iam list-role-policies --role-name "$role" --query 'PolicyNames[]') || return 2
  for name in $names; do
    name=$(ask iam get-role-policy --role-name "$role" --policy-name "$name" \
      --query "PolicyDocument.$all") || return 2
    [ -z "$name" ] || return 1
  done
}

a_trail_is_logging() {
  local trails trail logging
  trails=$(ask cloudtrail describe-trails --query 'trailList[].TrailARN') || return 2
  for trail in $trails; do
    logging=$(ask cloudtrail get-trail-status --name "$trail" --query IsLogging) || return 2
    [ "$logging" != True ] || return 0
  done
  return 1
}

inspector_scans_functions() {
  local states='accounts[0].[state.status, resourceState.lambda.status, resourceState.lambdaCode.status]'
  states=$(ask inspector2 batch-get-account-status --query "$states") || return 2
  [ "$states" = $'ENABLED\tENABLED\tENABLED' ]
}

every_function_is_scanned() {
  local states
  states=$(ask inspector2 list-coverage --filter-criteria \
    '{"resourceType": [{"comparison": "EQUALS", "value": "AWS_LAMBDA_FUNCTION"}]}' \
    --query 'coveredResources[].scanStatus.statusCode') || return 2
  all_but INACTIVE "$states"
}

secret_is_rotated() {
  local rotation
  rotation=$(ask secretsmanager describe-secret --secret-id "$secret" \
    --query '[RotationEnabled, LastRotatedDate]') || return "$(absent ResourceNotFoundException)"
  case $rotation in True*None | [!T]*) return 1 ;; esac
}

code_holds_no_password() {
  local name location found=0
  [ -n "$functions" ] || return 2
  for name in $functions; do
    location=$(ask lambda get-function --function-name "$name" --query Code.Location) || return 2
    curl --silent --fail --output "$dir/code.zip" "$location" || return 2
    python3 -m zipfile -e "$dir/code.zip" "$dir/code/$name" || return 2
    ! grep --quiet --recursive --fixed-strings "$password" "$dir/code/$name" || found=1
  done
  return $found
}

cluster_requires_tls() {
  local cluster group value
  cluster=$(resource "$init" AuroraCluster) || return 2
  [ -n "$cluster" ] || return 1
  group=$(ask rds describe-db-clusters --db-cluster-identifier "$cluster" \
    --query 'DBClusters[0].DBClusterParameterGroup') || return 2
  [ "$group" != None ] || return 2
  value=$(ask rds describe-db-cluster-parameters --db-cluster-parameter-group-name "$group" \
    --query 'Parameters[?ParameterName==`require_secure_transport`].ParameterValue') || return 2
  case $value in ON | 1) return 0 ;; *) return 1 ;; esac
}

web_acl_on_the_stage() {
  [ -n "$stage_read" ] || return 2
  [ "$web_acl" != None ]
}

web_acl_blocks_attacks() {
  local rules name id
  web_acl_on_the_stage || return $?
  id=${web_acl##*/} name=${web_acl%/*} name=${name##*/}
  rules='WebACL.Rules[?Action.Block!=`null` || OverrideAction.None!=`null`].to_string(Statement)'
  rules="$rules | [[?contains(@, \`Sqli\`) || contains(@, \`SQLi\`)] | length(@),"
  rules="$rules [?contains(@, \`SizeConstraint\`)] | length(@), [?contains(@, \`RateBased\`)] | length(@)]"
  rules=$(ask wafv2 get-web-acl --scope REGIONAL --name "$name" --id "$id" --query "$rules") || return 2
  ! grep --quiet --word-regexp 0 <<<"$rules"
}

stage_is_traced() {
  [ -n "$stage_read" ] || return 2
  [ "$tracing" = True ]
}

guardduty_is_on() {
  [ -n "$detector_read" ] || return 2
  [ "$detector_status" = ENABLED ]
}

guardduty_watches_functions() {
  [ -n "$detector_read" ] || return 2
  [ "$detector_status $lambda_protection" = 'ENABLED ENABLED' ]
}

functions_are_in_the_vpc() {
  local inside name
  inside=$(ask lambda list-functions --query 'Functions[?VpcConfig.VpcId].FunctionName') || return 2
  for name in UnicornPartsFunction CustomizeUnicornFunction ManagePartnerFunction; do
    grep --quiet --word-regexp "$name" <<<"$inside" || return 1
  done
}

# all_but WORD WORDS: there are words, and WORD isn't among them.
all_but() {
  [ -n "$2" ] && ! grep --quiet --word-regexp "$1" <<<"$2"
}

# absent CODE: what a failed call means, where CODE says that the thing isn't there.
absent() {
  if grep --quiet "$1" "$dir/error"; then echo 1; else echo 2; fi
}

# resource STACK LOGICAL-ID: the resource's name; nothing where the stack lacks it.
resource() {
  ask cloudformation list-stack-resources --stack-name "$1" \
    --query "StackResourceSummaries[?LogicalResourceId=='$2'].PhysicalResourceId"
}

# What several questions rest on is asked once.
read_common() {
  local names='StackResourceSummaries[].[LogicalResourceId, ResourceType, PhysicalResourceId]'
  local resources of_stage detector features
  resources=$(ask cloudformation list-stack-resources --stack-name "$app" --query "$names")
  api=$(awk '$1 == "UnicornApi" { print $3 }' <<<"$resources")
  functions=$(awk '$2 == "AWS::Lambda::Function" { print $3 }' <<<"$resources")

  of_stage=$(ask apigateway get-stage --rest-api-id "$api" --stage-name "$stage" \
    --query '[deploymentId, webAclArn || `None`, tracingEnabled]') && stage_read=yes || stage_read=
  read -r deployment web_acl tracing <<<"$of_stage"

  detector_read= detector_status= lambda_protection=
  detector=$(ask guardduty list-detectors --query 'DetectorIds[0]') || return
  [ "$detector" != None ] || { detector_read=yes; return; }
  features='[Status, Features[?Name==`LAMBDA_NETWORK_LOGS`] | [0].Status]'
  features=$(ask guardduty get-detector --detector-id "$detector" --query "$features") || return
  detector_read=yes
  read -r detector_status lambda_protection <<<"$features"
}

questions='api_methods_ask_for_a_token deployed_methods_ask_for_a_token
  function_role_is_no_administrator a_trail_is_logging inspector_scans_functions
  every_function_is_scanned secret_is_rotated code_holds_no_password cluster_requires_tls
  web_acl_on_the_stage web_acl_blocks_attacks stage_is_traced guardduty_is_on
  guardduty_watches_functions functions_are_in_the_vpc'
read_common
failed=0 untold=0
for question in $questions; do
  "$question"
  case $? in
    0) verdict=pass ;;
    1) verdict=fail failed=1 ;;
    *) verdict=cannot_tell untold=3 ;;
  esac
  echo "$verdict $question"
done
[ "$failed" = 0 ] || exit 1
exit "$untold"
